"""A template as CloudFormation gets it: the SAM transform applied, and YAML's short forms written out as JSON.

`translate.py FILE` writes to standard output. Where there is no transform to apply, only the form changes.
"""

import json
import logging
import sys

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

logging.disable(logging.WARNING)
with open(sys.argv[1]) as file:
    template = yaml_parse(file.read())
if "Transform" in template:
    # What `sam build` and `sam package` do: code is in S3 then, here under the name of its binary.
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://packaged/{resource['Metadata']['BuildProperties']['Binary']}"
    # The session only says in which partition; nothing is asked. No ready-made policy is named, so none is known.
    session = boto3.Session(region_name="us-east-1")
    template = Translator({}, Parser(), boto_session=session).translate(template, {})
json.dump(template, sys.stdout)
