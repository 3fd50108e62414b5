//! The function that publishes feeds, as `infra/feed.yaml` describes it: a bucket and a distribution in moto, behind a
//! proxy that checks its role's policies.

use serde_json::Value;

use crate::binaries;
use crate::deployment::Deployment;
use crate::feed_proxy::FeedProxy;
use crate::lambda_emulator::Lambda;
use crate::moto::Moto;
use crate::stack::Stack;
use crate::template::Template;

/// The function with its bucket and its distribution.
#[derive(Debug)]
pub struct FeedFunction {
    /// The function.
    pub lambda: Lambda,
    /// The nested stack.
    pub stack: Stack,
    /// A client for the bucket.
    pub files: aws_sdk_s3::Client,
    /// The bucket's name.
    pub bucket: String,
    /// The proxy between the function and AWS.
    pub aws: FeedProxy,
    distribution: String,
}

impl FeedFunction {
    /// Starts the function of a deployment whose parameter `Feed` is `on`.
    pub async fn start(deployment: &Deployment) -> Self {
        let config = Moto::shared().config();
        let (files, bucket) = (aws_sdk_s3::Client::new(&config), format!("{}-feeds", deployment.prefix));
        files.create_bucket().bucket(&bucket).send().await.unwrap();
        let distribution = create_distribution(&aws_sdk_cloudfront::Client::new(&config), &bucket).await;
        let stack = deployment
            .stack()
            .nested("Feeds", Template::feed())
            .with("Bucket", &bucket)
            .with("Bucket.Arn", &format!("arn:aws:s3:::{bucket}"))
            .with("Distribution", &distribution)
            .with("Distribution.DomainName", "d111111abcdef8.cloudfront.net");
        let aws = FeedProxy::start(&stack, "Role").await;
        let function = stack.properties("Function");
        let environment = deployment.environment(&function, aws.endpoint());
        let binary = binaries::path(function["Code"]["S3Key"].as_str().unwrap());
        let lambda = Lambda::start("feed", binary, &environment, &deployment.scanner).await;
        Self { lambda, stack, files, bucket, aws, distribution }
    }

    /// Invokes the function and returns its response.
    pub async fn invoke(&self, event: &Value) -> Value {
        self.lambda.invoke(event).await
    }

    /// Returns the keys of all files, sorted.
    pub async fn keys(&self) -> Vec<String> {
        let pages = self.files.list_objects_v2().bucket(&self.bucket).into_paginator().send();
        let pages = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
        let mut keys: Vec<_> =
            pages.into_iter().flat_map(|page| page.contents.unwrap_or_default()).filter_map(|file| file.key).collect();
        keys.sort();
        keys
    }

    /// Returns the paths of all invalidations, sorted.
    pub async fn invalidated(&self) -> Vec<String> {
        let client = aws_sdk_cloudfront::Client::new(&Moto::shared().config());
        let listed = client.list_invalidations().distribution_id(&self.distribution).send().await.unwrap();
        let mut paths = Vec::new();
        for summary in listed.invalidation_list.unwrap().items() {
            let get = client.get_invalidation().distribution_id(&self.distribution).id(summary.id());
            let batch = get.send().await.unwrap().invalidation.unwrap().invalidation_batch.unwrap();
            paths.extend(batch.paths.unwrap().items.unwrap_or_default());
        }
        paths.sort();
        paths
    }
}

/// Creates a distribution with the least that AWS accepts, and returns its ID.
pub async fn create_distribution(client: &aws_sdk_cloudfront::Client, bucket: &str) -> String {
    use aws_sdk_cloudfront::types::{
        DefaultCacheBehavior, DistributionConfig, Origin, Origins, S3OriginConfig, ViewerProtocolPolicy,
    };
    let origin = Origin::builder()
        .id("bucket")
        .domain_name(format!("{bucket}.s3.us-east-1.amazonaws.com"))
        .s3_origin_config(S3OriginConfig::builder().origin_access_identity("").build());
    let behavior = DefaultCacheBehavior::builder()
        .target_origin_id("bucket")
        .viewer_protocol_policy(ViewerProtocolPolicy::RedirectToHttps);
    let config = DistributionConfig::builder()
        .caller_reference(bucket)
        .comment(bucket)
        .enabled(true)
        .origins(Origins::builder().quantity(1).items(origin.build().unwrap()).build().unwrap())
        .default_cache_behavior(behavior.build().unwrap());
    let created = client.create_distribution().distribution_config(config.build().unwrap()).send().await.unwrap();
    created.distribution.unwrap().id
}
