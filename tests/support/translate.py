"""Translate a template into the form that CloudFormation receives, as JSON.

`translate.py FILE` applies the SAM transform, if the template has one, expands YAML short forms such as `!Ref`, and writes the
result to standard output.
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
    # Like `sam build` and `sam package`, refer to code in S3. Here, the object key is the name of the binary.
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://packaged/{resource['Metadata']['BuildProperties']['Binary']}"
    # The translator only reads the partition from the session and calls nothing. The templates use no managed policies, so the
    # map of managed policies is empty.
    session = boto3.Session(region_name="us-east-1")
    template = Translator({}, Parser(), boto_session=session).translate(template, {})
json.dump(template, sys.stdout)
