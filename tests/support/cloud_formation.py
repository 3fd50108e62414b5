"""Creates a stack from a translated template in moto, and prints the resulting resources.

`cloud_formation.py ENDPOINT` reads `{"name", "template", "parameters"}` from standard input and writes the description of
each resource by logical name. moto silently skips resource types it does not support, so they are missing from the output.
The S3 objects that the template names as Lambda code are created first, empty.
"""

import json
import sys

import boto3

request = json.load(sys.stdin)
session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


def client(service):
    return session.client(service, endpoint_url=sys.argv[1])


def role(name):
    policies = client("iam").list_role_policies(RoleName=name)["PolicyNames"]
    return {each: client("iam").get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in policies}


def queue(url):
    return client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def rule(identity):
    name = identity.split("/")[-1]
    return {
        **client("events").describe_rule(Name=name),
        "Targets": client("events").list_targets_by_rule(Rule=name)["Targets"],
    }


DESCRIBE = {
    "AWS::IAM::Role": role,
    "AWS::Lambda::Function": lambda name: client("lambda").get_function_configuration(FunctionName=name),
    "AWS::Logs::LogGroup": lambda name: client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0],
    "AWS::SQS::Queue": queue,
    "AWS::SNS::Topic": lambda arn: client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"],
    "AWS::Events::Rule": rule,
}

for resource in request["template"]["Resources"].values():
    code = resource["Properties"].get("Code") if resource["Type"] == "AWS::Lambda::Function" else None
    if code:
        client("s3").create_bucket(Bucket=code["S3Bucket"])
        client("s3").put_object(Bucket=code["S3Bucket"], Key=code["S3Key"], Body=b"")

formation = client("cloudformation")
parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in request["parameters"].items()]
body = json.dumps(request["template"])
formation.create_stack(
    StackName=request["name"], TemplateBody=body, Parameters=parameters, Capabilities=["CAPABILITY_IAM"]
)
status = formation.describe_stacks(StackName=request["name"])["Stacks"][0]["StackStatus"]
resources = formation.describe_stack_resources(StackName=request["name"])["StackResources"]
described = {
    each["LogicalResourceId"]: DESCRIBE[each["ResourceType"]](each["PhysicalResourceId"])
    for each in resources
    if each.get("ResourceType") in DESCRIBE
}
json.dump({"status": status, "resources": described}, sys.stdout, default=str)
