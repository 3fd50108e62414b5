"""Makes a stack of a translated template on moto, and tells how what moto knows then looks.

`cloud_formation.py ENDPOINT` reads `{"name", "template", "parameters"}` and writes by logical name what AWS's own calls say of
the resources. moto leaves out in silence what it does not know, and so they are missing here too. Code that the template
names in S3 is put there first, empty.
"""

import json
import sys

import boto3

asked = json.load(sys.stdin)
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


LOOK = {
    "AWS::IAM::Role": role,
    "AWS::Lambda::Function": lambda name: client("lambda").get_function_configuration(FunctionName=name),
    "AWS::Logs::LogGroup": lambda name: client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0],
    "AWS::SQS::Queue": queue,
    "AWS::SNS::Topic": lambda arn: client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"],
    "AWS::Events::Rule": rule,
}

for resource in asked["template"]["Resources"].values():
    code = resource["Properties"].get("Code") if resource["Type"] == "AWS::Lambda::Function" else None
    if code:
        client("s3").create_bucket(Bucket=code["S3Bucket"])
        client("s3").put_object(Bucket=code["S3Bucket"], Key=code["S3Key"], Body=b"")

formation = client("cloudformation")
parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in asked["parameters"].items()]
body = json.dumps(asked["template"])
formation.create_stack(
    StackName=asked["name"], TemplateBody=body, Parameters=parameters, Capabilities=["CAPABILITY_IAM"]
)
status = formation.describe_stacks(StackName=asked["name"])["Stacks"][0]["StackStatus"]
made = formation.describe_stack_resources(StackName=asked["name"])["StackResources"]
seen = {
    each["LogicalResourceId"]: LOOK[each["ResourceType"]](each["PhysicalResourceId"])
    for each in made
    if each.get("ResourceType") in LOOK
}
json.dump({"status": status, "resources": seen}, sys.stdout, default=str)
