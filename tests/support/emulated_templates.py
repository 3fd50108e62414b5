"""Writes a copy of the templates that MiniStack can deploy. This file is the only place that changes the copy.

`emulated_templates.py SOURCE TARGET` copies `template.yaml` and the nested templates from the folder SOURCE to the folder
TARGET. Standard input is `{"binaries": {NAME: PATH}, "variables": {NAME: VALUE}}`: the binaries of the Lambda functions, and
environment variables that all functions get, such as Instagram's URLs.

LIMITS lists the differences between MiniStack and AWS that the copy works around.
"""

import json
import logging
import pathlib
import re
import string
import subprocess
import sys
import zipfile

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

logging.disable(logging.WARNING)


def name_secrets_by_arn(template):
    """`Ref` of a secret is its name. In AWS it is the ARN, which `GetAtt Id` is in both."""
    secrets = {name for name, each in template["Resources"].items() if each["Type"] == "AWS::SecretsManager::Secret"}
    pattern = re.compile(r"\$\{(%s)\}" % "|".join(secrets))

    def replace(value):
        if isinstance(value, dict):
            if value.get("Ref") in secrets:
                return {"Fn::GetAtt": [value["Ref"], "Id"]}
            return {key: replace(each) for key, each in value.items()}
        if isinstance(value, list):
            return [replace(each) for each in value]
        if isinstance(value, str) and secrets:
            return pattern.sub(r"${\1.Id}", value)
        return value

    return replace(template)


def remove_saved_queries(template):
    """`AWS::Logs::QueryDefinition` is unknown. tests/template checks the saved queries."""
    resources = template["Resources"].items()
    kept = {name: each for name, each in resources if each["Type"] != "AWS::Logs::QueryDefinition"}
    return {**template, "Resources": kept}


def remove_event_source_condition(template):
    """The condition key `events:source` is never filled in, so MiniStack denies every `PutEvents`. tests/template checks it."""

    def remove(value):
        if isinstance(value, dict):
            value = {key: remove(each) for key, each in value.items()}
            if value.get("Condition") == {"StringEquals": {"events:source": "evertoken"}}:
                del value["Condition"]
            return value
        return [remove(each) for each in value] if isinstance(value, list) else value

    return remove(template)


def functions(template):
    """The properties of all functions that are built from source."""
    resources = template["Resources"].values()
    return [each["Properties"] for each in resources if each["Type"] == "AWS::Serverless::Function"]


def pass_logging_configuration(template):
    """`LoggingConfig` selects the log group only. Lambda also passes its format and level to the function."""
    if "Globals" in template:
        variables = template["Globals"]["Function"]["Environment"]["Variables"]
        variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        variables["AWS_LAMBDA_LOG_LEVEL"] = {"Ref": "LogLevel"}
    elif "LogLevel" in template.get("Parameters", {}):
        for function in functions(template):
            variables = function["Environment"]["Variables"]
            variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
            variables["AWS_LAMBDA_LOG_LEVEL"] = {"Ref": "LogLevel"}
    return template


def allow_plain_http(template):
    """MiniStack serves plain HTTP. The bucket of the feeds denies requests without TLS. tests/template checks that."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::S3::BucketPolicy":
            document = resource["Properties"]["PolicyDocument"]
            document["Statement"] = [each for each in document["Statement"] if each["Sid"] != "RequireTls"]
    return template


def exclude_characters(template):
    """`ExcludePunctuation` has no effect, so one of 94 generated keys starts with a brace, which announces JSON."""
    for resource in template["Resources"].values():
        generated = resource.get("Properties", {}).get("GenerateSecretString", {})
        if generated.pop("ExcludePunctuation", False):
            generated["ExcludeCharacters"] = string.punctuation
    return template


def allow_batches_of_messages(template):
    """`SendMessageBatch` needs a permission of its own. In AWS, it needs that of `SendMessage`."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                if "sqs:SendMessage" in statement.get("Action", []):
                    statement["Action"].append("sqs:SendMessageBatch")
    return template


def remove_maximum_concurrency(template):
    """A parameter is text, which MiniStack compares with a number. tests/template checks the number of workers."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            del resource["Properties"]["ScalingConfig"]
    return template


LIMITS = [
    name_secrets_by_arn,
    remove_saved_queries,
    remove_event_source_condition,
    pass_logging_configuration,
    exclude_characters,
    allow_plain_http,
    allow_batches_of_messages,
    remove_maximum_concurrency,
]


def transform(template):
    """MiniStack applies the SAM transform to the main template only, so that of a nested template is applied here."""
    packages = {}
    for function in functions(template):
        name = f"s3://packages/{len(packages)}"
        packages[str(len(packages))], function["CodeUri"] = function["CodeUri"], name
    # The session only selects the partition; no request is sent.
    session = boto3.Session(region_name="us-east-1")
    template = Translator({}, Parser(), boto_session=session).translate(template, {})
    for resource in template["Resources"].values():
        code = resource["Properties"].get("Code", {}) if resource["Type"] == "AWS::Lambda::Function" else {}
        if code.get("S3Bucket") == "packages":
            resource["Properties"]["Code"] = packages[code["S3Key"]]
    return template


def package(binary, target):
    """Puts a binary into a zip file, without the debug information: half of the deployment would be spent on compressing it."""
    stripped = target.with_suffix(".stripped")
    subprocess.run(["strip", "-o", stripped, binary], check=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(stripped, "bootstrap")
    stripped.unlink()


def main(source, target, binaries, variables):
    for path in [source / "template.yaml", *source.glob("infra/*.yaml")]:
        template = yaml_parse(path.read_text())
        for work_around in LIMITS:
            template = work_around(template)
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                binary = resource.pop("Metadata")["BuildProperties"]["Binary"]
                # Relative to the template.
                to_root = "../" * (len(path.relative_to(source).parts) - 1)
                resource["Properties"]["CodeUri"] = f"{to_root}{binary}.zip"
                package(binaries[binary], target / f"{binary}.zip")
        if "Globals" in template:
            template["Globals"]["Function"]["Environment"]["Variables"].update(variables)
        else:
            for function in functions(template):
                function["Environment"]["Variables"].update(variables)
            if "Transform" in template:
                template = transform(template)
        copy = target / path.relative_to(source)
        copy.parent.mkdir(exist_ok=True)
        # JSON is YAML.
        copy.write_text(json.dumps(template, indent=2))


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), **json.load(sys.stdin))
