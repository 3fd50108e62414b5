"""Translates a template to what CloudFormation receives: the SAM transform applied, and YAML's short forms expanded.

`translate.py FILE` writes JSON to standard output. A template without a transform is only converted to JSON.
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
    # `sam build` and `sam package` upload the code to S3. Here its key is the name of the binary.
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://packaged/{resource['Metadata']['BuildProperties']['Binary']}"
    # The session only selects the partition; no request is sent. The templates use no managed policies, hence `{}`.
    session = boto3.Session(region_name="us-east-1")
    template = Translator({}, Parser(), boto_session=session).translate(template, {})
json.dump(template, sys.stdout)
