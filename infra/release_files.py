"""What a release has for one architecture, from what `sam build` left in .aws-sam/build:

    evertoken-ARCHITECTURE.zip            the template and both Lambdas: unzip it, then `sam deploy --guided`
    evertoken-callback-ARCHITECTURE.zip   a Lambda by itself, for Terraform, CDK and others
    evertoken-refresh-ARCHITECTURE.zip

Equal input makes equal bytes: files are sorted and dated 1980.
"""

import pathlib
import shutil
import sys
import zipfile

BUILT = pathlib.Path(".aws-sam/build")
FILES = pathlib.Path("target/release-files")
FUNCTIONS = {"callback": "CallbackFunction", "refresh": "RefreshFunction"}


def make_zip(target: pathlib.Path, entries: list[tuple[str, bytes, bool]]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data, executable in sorted(entries):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, so that the mode counts
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            archive.writestr(entry, data)
    print(f"{target} {target.stat().st_size / 1e6:.2f} MB")


def with_architecture(text: str, architecture: str) -> str:
    """The parameter's default is what is in the zip, so that Enter is the right answer."""
    default = "Default: arm64"
    if text.count(default) != 1:
        sys.exit(f"the built template has {text.count(default)} times {default!r}; once was expected")
    return text.replace(default, f"Default: {architecture}")


def main(architecture: str) -> None:
    if not (BUILT / "template.yaml").exists():
        sys.exit(f"{BUILT} has no template: run `sam build` first")
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
        make_zip(FILES / f"evertoken-{function}-{architecture}.zip", [("bootstrap", bootstrap, True)])


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("arm64", "x86_64"):
        sys.exit("usage: release_files.py arm64|x86_64")
    main(sys.argv[1])
