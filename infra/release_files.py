"""Package the output of `sam build` (.aws-sam/build) as the release files for one architecture:

    evertoken-ARCHITECTURE.zip            the templates and all Lambda functions, for `sam deploy --guided`
    evertoken-callback-ARCHITECTURE.zip   one Lambda function, for Terraform, CDK and other tools
    evertoken-refresh-ARCHITECTURE.zip    the second one
    evertoken-feed-ARCHITECTURE.zip       the third one
    evertoken-reader-ARCHITECTURE.zip     the fourth one

The zip files are reproducible: entries are sorted and dated 1980.
"""

import pathlib
import shutil
import sys
import zipfile

BUILT = pathlib.Path(".aws-sam/build")
FILES = pathlib.Path("target/release-files")
FUNCTIONS = {
    "callback": "CallbackFunction",
    "refresh": "RefreshFunction",
    "feed": "Feeds/Function",
    "reader": "TokenReader/Function",
}
# The largest zip of a function in MB.
LARGEST = {"callback": 5, "refresh": 5, "feed": 6, "reader": 5}


def make_zip(target: pathlib.Path, entries: list[tuple[str, bytes, bool]]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data, executable in sorted(entries):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, so that unzip applies the file mode
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            archive.writestr(entry, data)
    print(f"{target} {target.stat().st_size / 1e6:.2f} MB")


def with_architecture(text: str, architecture: str) -> str:
    """Make the packaged architecture the parameter's default and only value. CloudFormation then rejects any other one,
    such as that of a stack that was built from source, before it updates a function that could not start."""
    for old, new in [
        ("Default: arm64\n", f"Default: {architecture}\n"),
        ("- arm64\n    - x86_64\n", f"- {architecture}\n"),
    ]:
        if text.count(old) != 1:
            sys.exit(f"error: expected {old!r} once in the built template, found it {text.count(old)} times")
        text = text.replace(old, new)
    return text


def main(architecture: str) -> None:
    if not (BUILT / "template.yaml").exists():
        sys.exit(f"error: {BUILT}/template.yaml does not exist\nhint: run `sam build` first")
    shutil.rmtree(FILES, ignore_errors=True)
    FILES.mkdir(parents=True)
    entries = []
    for path in sorted(BUILT.rglob("*")):
        if path.is_dir():
            continue
        data, name = path.read_bytes(), path.relative_to(BUILT).as_posix()
        if name == "template.yaml":
            data = with_architecture(data.decode(), architecture).encode()
        entries.append((name, data, path.name == "bootstrap"))
    entries.append(("samconfig.toml", pathlib.Path("samconfig.toml").read_bytes(), False))
    root = f"evertoken-{architecture}"
    make_zip(FILES / f"{root}.zip", [(f"{root}/{name}", data, executable) for name, data, executable in entries])
    for function, resource in FUNCTIONS.items():
        bootstrap = (BUILT / resource / "bootstrap").read_bytes()
        package = FILES / f"evertoken-{function}-{architecture}.zip"
        make_zip(package, [("bootstrap", bootstrap, True)])
        if package.stat().st_size > LARGEST[function] * 1_000_000:
            sys.exit(f"error: {package} is larger than {LARGEST[function]} MB")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("arm64", "x86_64"):
        sys.exit("usage: release_files.py arm64|x86_64")
    main(sys.argv[1])
