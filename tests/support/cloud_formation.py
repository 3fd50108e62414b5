"""Create a stack from a translated template on moto, and describe its resources.

`cloud_formation.py ENDPOINT` reads `{"name", "template", "parameters"}` from standard input. It writes the stack's status and,
by logical name, how the AWS APIs describe each resource. moto silently ignores resource types that it does not support, so the
output does not contain them. The script first uploads an empty S3 object for each function's code.
"""

import json
import sys

import boto3

request = json.load(sys.stdin)
session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


def client(service):
    return session.client(service, endpoint_url=sys.argv[1])


def describe_role(name):
    policies = client("iam").list_role_policies(RoleName=name)["PolicyNames"]
    return {each: client("iam").get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in policies}


def describe_queue(url):
    return client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def describe_rule(resource_id):
    name = resource_id.split("/")[-1]
    return {
        **client("events").describe_rule(Name=name),
        "Targets": client("events").list_targets_by_rule(Rule=name)["Targets"],
    }


DESCRIBE = {
    "AWS::IAM::Role": describe_role,
    "AWS::Lambda::Function": lambda name: client("lambda").get_function_configuration(FunctionName=name),
    "AWS::Logs::LogGroup": lambda name: client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0],
    "AWS::SQS::Queue": describe_queue,
    "AWS::SNS::Topic": lambda arn: client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"],
    "AWS::Events::Rule": describe_rule,
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
created = formation.describe_stack_resources(StackName=request["name"])["StackResources"]
resources = {
    each["LogicalResourceId"]: DESCRIBE[each["ResourceType"]](each["PhysicalResourceId"])
    for each in created
    if each.get("ResourceType") in DESCRIBE
}
json.dump({"status": status, "resources": resources}, sys.stdout, default=str)
