//! Checks the bucket: whether it exists, in which region, and how it is maintained. Changes nothing; prints the
//! commands that would.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::BucketVersioningStatus;

use super::S3Store;
use crate::base::names::ProjectName;
use crate::store::cloud::{Heads, problem};
use crate::store::{Reached, StoreError, StoreFinding, Trial};

const BUCKET: &str = "bucket";

impl S3Store {
    pub(in crate::store) fn access(&self) -> Vec<StoreFinding> {
        self.cloud.access()
    }

    /// Lists the keys of one environment, which builds may do too; a HEAD request would not say what is wrong.
    pub(in crate::store) fn reach(&self, project: &ProjectName, trial: &Trial) -> Reached {
        let prefix = match trial.environment() {
            Ok(environment) => self.environment(project, &environment),
            Err(_) => self.project(project),
        };
        let heads = Heads::default();
        let there = self.cloud.run("list the bucket", async |client| {
            let asked = client.list_objects_v2().bucket(&self.bucket).prefix(&prefix).max_keys(1);
            asked.customize().interceptor(heads.clone()).send().await.map(|_| ()).map_err(|error| problem(&error))
        });
        Reached { findings: vec![self.place(there, heads.bucket_region())], date: heads.date() }
    }

    fn place(&self, there: Result<(), StoreError>, says: Option<String>) -> StoreFinding {
        let ours = self.region().unwrap_or_default();
        match (there, says) {
            (Ok(()), Some(says)) if says == ours => StoreFinding::ok(BUCKET, format!("it is there, in {says}")),
            // A store other than AWS's need not report its region.
            (Ok(()), None) => StoreFinding::ok(BUCKET, "it is there"),
            (Ok(()), Some(says)) => {
                let text = format!("it answers for {ours}, and says that it is in {says}");
                StoreFinding::warning(BUCKET, text, format!("write ?region={says} in the store's address"))
            }
            (Err(_), Some(says)) if says != ours => {
                let text = format!("the bucket `{}` is in {says}, and {ours} was asked", self.bucket);
                StoreFinding::failed(BUCKET, text, format!("add ?region={says} to the store's address"))
            }
            (Err(StoreError::Cloud(error)), _) if error.is_missing() => {
                let place = match ours.as_str() {
                    "us-east-1" => String::new(),
                    region => format!(" --create-bucket-configuration LocationConstraint={region}"),
                };
                let make = self.command("create-bucket", &place);
                let fix = format!("check its name, or make it: {make} (or shipmark doctor --print cloudformation)");
                StoreFinding::failed(BUCKET, format!("there is no bucket `{}`", self.bucket), fix)
            }
            (Err(error), _) => StoreFinding::error(BUCKET, &error),
        }
    }

    pub(in crate::store) fn care(&self) -> Vec<StoreFinding> {
        vec![self.versioning(), self.encryption(), self.public_access()]
    }

    fn versioning(&self) -> StoreFinding {
        const CHECK: &str = "versioning";
        let found = self.cloud.run("look at the versioning", async |client| {
            let found = client.get_bucket_versioning().bucket(&self.bucket).send().await;
            Ok(found.map_err(|error| problem(&error))?.status == Some(BucketVersioningStatus::Enabled))
        });
        let rest = " --versioning-configuration Status=Enabled";
        let fix = self.command("put-bucket-versioning", rest);
        said(CHECK, found, "it is on", "it is off: a mark that somebody removes by mistake is gone", fix)
    }

    fn encryption(&self) -> StoreFinding {
        const CHECK: &str = "encryption";
        let found = self.cloud.run("look at the default encryption", async |client| {
            match client.get_bucket_encryption().bucket(&self.bucket).send().await {
                Ok(found) => {
                    Ok(found.server_side_encryption_configuration.is_some_and(|found| !found.rules.is_empty()))
                }
                Err(error) if error.code() == Some("ServerSideEncryptionConfigurationNotFoundError") => Ok(false),
                Err(error) => Err(problem(&error)),
            }
        });
        let rest = " --server-side-encryption-configuration \
                    '{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"AES256\"}}]}'";
        let fix = self.command("put-bucket-encryption", rest);
        said(CHECK, found, "there is a default", "the bucket has no default", fix)
    }

    fn public_access(&self) -> StoreFinding {
        const CHECK: &str = "public access";
        let found = self.cloud.run("look at the block of public access", async |client| {
            match client.get_public_access_block().bucket(&self.bucket).send().await {
                Ok(found) => Ok(found.public_access_block_configuration.is_some_and(|found| {
                    let all = [
                        found.block_public_acls,
                        found.ignore_public_acls,
                        found.block_public_policy,
                        found.restrict_public_buckets,
                    ];
                    all.iter().all(|set| *set == Some(true))
                })),
                Err(error) if error.code() == Some("NoSuchPublicAccessBlockConfiguration") => Ok(false),
                Err(error) => Err(problem(&error)),
            }
        });
        let rest = " --public-access-block-configuration \
                    BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true";
        let fix = self.command("put-public-access-block", rest);
        said(CHECK, found, "it is blocked", "the bucket does not block it (the account may)", fix)
    }

    /// An AWS CLI command for this bucket. Nothing in an address needs shell quotes.
    fn command(&self, name: &str, rest: &str) -> String {
        let region = self.region().map_or_else(String::new, |region| format!(" --region {region}"));
        let endpoint = self.cloud.endpoint().map_or_else(String::new, |endpoint| {
            format!(" --endpoint-url {}", crate::base::text::shell_word(endpoint))
        });
        format!("aws s3api {name} --bucket {}{region}{endpoint}{rest}", self.bucket)
    }

    /// The region that requests go to.
    fn region(&self) -> Option<String> {
        let found = self
            .cloud
            .configured("find the region", async |config| Ok(config.region().map(|region| region.as_ref().to_owned())));
        found.ok().flatten()
    }
}

fn said(check: &'static str, found: Result<bool, StoreError>, good: &str, bad: &str, fix: String) -> StoreFinding {
    match found {
        Ok(true) => StoreFinding::ok(check, good),
        Ok(false) => StoreFinding::warning(check, bad, fix),
        Err(error) => StoreFinding::unseen(check, &error),
    }
}
