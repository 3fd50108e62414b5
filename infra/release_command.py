"""Package target/release/evertoken as the release file for one platform:

    evertoken-command-TARGET.tar.gz    the command, its licenses, man pages and shell completions

TARGET is Rust's name of the platform, such as x86_64-unknown-linux-gnu. The archive is reproducible: entries are sorted
and dated 1970. `cargo binstall` finds it by its name (`package.metadata.binstall` in crates/cli/Cargo.toml).
"""

import gzip
import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile

COMMAND = pathlib.Path("target/release/evertoken").absolute()
FILES = pathlib.Path("target/release-files")
SHELLS = ["bash", "fish", "zsh"]


def main(target: str) -> None:
    if not COMMAND.exists():
        sys.exit(f"error: {COMMAND} does not exist\nhint: run `make release-command`")
    root = f"evertoken-command-{target}"
    entries = {
        "evertoken": (COMMAND.read_bytes(), 0o755),
        "LICENSE-APACHE": (pathlib.Path("LICENSE-APACHE").read_bytes(), 0o644),
        "LICENSE-MIT": (pathlib.Path("LICENSE-MIT").read_bytes(), 0o644),
    }
    for shell in SHELLS:
        completions = subprocess.run([COMMAND, "completions", shell], check=True, capture_output=True).stdout
        entries[f"completions/evertoken.{shell}"] = (completions, 0o644)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([COMMAND, "man", "--dir", folder], check=True, capture_output=True)
        for page in pathlib.Path(folder).iterdir():
            entries[f"man/{page.name}"] = (page.read_bytes(), 0o644)
    FILES.mkdir(parents=True, exist_ok=True)
    archive = FILES / f"{root}.tar.gz"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, (data, mode) in sorted(entries.items()):
            entry = tarfile.TarInfo(f"{root}/{name}")
            entry.size, entry.mode = len(data), mode
            tar.addfile(entry, io.BytesIO(data))
    archive.write_bytes(gzip.compress(buffer.getvalue(), mtime=0))
    print(f"{archive} {archive.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1])
