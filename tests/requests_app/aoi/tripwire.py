"""The reader's wall refuses to open or to connect. This wire, laid inside it, has the kernel kill
whoever tries: a reader that lives to give its verdict has not even tried."""

LAY = """
import pyseccomp
def lay():
    wire = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    for name in ("open", "openat", "openat2", "creat", "socket", "connect"):
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:
            wire.add_rule(pyseccomp.KILL_PROCESS, name)
    wire.load()
"""

# In the place of ``sandbox._BOOT``: the wire first, for the wall forbids another filter.
BOOT = (
    LAY
    + """
import sys; sys.path.insert(0, sys.argv[1])
from requests_app.aoi import child, confinement
build_the_wall = confinement.filter_system_calls
def lay_and_build():
    lay()
    build_the_wall()
confinement.filter_system_calls = lay_and_build
child.serve(int(sys.argv[2]))
"""
)
