from orbitrage.generated_docs import generated_pages


def test_generated_pages_are_those_in_the_repository():
    """After a change of the workflow or of the policy, run `manage.py write_docs`."""
    for path, content in generated_pages().items():
        assert path.read_text(encoding="utf-8") == content, path.name
