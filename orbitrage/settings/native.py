"""Where the wheels keep the GDAL, GEOS and PROJ that GeoDjango is to load.

The libraries are found by their place on disk: importing pyogrio or shapely here would load
them before PROJ and GDAL know where their data are.
"""

import importlib.util
import os
from pathlib import Path


def package_folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def bundled_library(package: str, stem: str) -> str | None:
    """Path of ``stem``'s shared library inside the wheel of ``package``; None when not bundled."""
    folder = package_folder(package)
    if folder is None:
        return None
    found = sorted(folder.with_name(f"{package}.libs").glob(f"{stem}-*.so*"))
    return str(found[0]) if found else None


def announce_data_folders() -> None:
    """Tell GDAL and PROJ, through the environment, where the wheel keeps their data."""
    folder = package_folder("pyogrio")
    if folder is None:
        return
    for variable, name in (("GDAL_DATA", "gdal_data"), ("PROJ_DATA", "proj_data")):
        if (folder / name).is_dir():
            os.environ[variable] = str(folder / name)
