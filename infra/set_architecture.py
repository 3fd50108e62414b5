"""Write the CPU architecture of the functions into samconfig.toml, for `sam build` and for `sam deploy`:

    set_architecture.py arm64|x86_64

`sam deploy --guided` saves it for `sam deploy` only, so a later `sam build` would build for the template's default again.
Requires the Python packages of aws-sam-cli (`make deploy-tools`).
"""

import re
import sys

from samcli.lib.config.samconfig import SamConfig

FILE = "samconfig.toml"
PARAMETER = re.compile(r'(?:^|\s)Architecture="?\w+"?(?=\s|$)')


def saved_overrides(command: str) -> str:
    # `get_all` merges the command's values into the global ones of its object, so that object must not be written back.
    overrides = SamConfig(".", FILE).get_all([command], "parameters").get("parameter_overrides", "")
    if not isinstance(overrides, str):
        sys.exit(f"error: parameter_overrides of {command} in {FILE} is not a string\nhint: change it in an editor")
    return overrides


def main(architecture: str) -> None:
    config = SamConfig(".", FILE)
    if not config.exists():
        sys.exit(f"error: {FILE} does not exist here\nhint: run this in the folder that contains template.yaml")
    for command in ("build", "deploy"):
        others = PARAMETER.sub("", saved_overrides(command)).strip()
        config.put([command], "parameters", "parameter_overrides", f"Architecture={architecture} {others}".strip())
    config.flush()
    print(f"{FILE}: sam build and sam deploy use Architecture={architecture}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("arm64", "x86_64"):
        sys.exit("usage: set_architecture.py arm64|x86_64")
    main(sys.argv[1])
