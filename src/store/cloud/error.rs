//! Failures of AWS stores, each as one sentence and what to do about it.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::http::Response;

use super::permission::lacked;
use crate::base::failure::chain;
use crate::base::text::printable;
use crate::store::budget::limit_text;

/// How much of AWS's own message is shown, in characters.
const LONGEST: usize = 400;

/// An AWS store could not answer.
#[derive(Debug)]
pub struct CloudError {
    pub(super) place: String,
    pub(super) verb: &'static str,
    pub(super) problem: CloudProblem,
}

/// Why.
#[derive(Debug, Clone)]
pub(in crate::store) enum CloudProblem {
    /// No credentials were found.
    NoCredentials(String),
    /// The credentials have expired.
    Expired(String),
    /// AWS does not recognise the credentials, or the secret does not belong to them.
    BadCredentials(String),
    /// The role lacks the permission.
    Denied(String),
    /// The clocks of this machine and AWS differ.
    Clock(String),
    /// No region is configured.
    NoRegion,
    /// The bucket is in another region.
    WrongRegion(String),
    /// The table or bucket does not exist.
    Missing(String),
    /// The table has different keys.
    OtherTable(String),
    /// Too many requests.
    Throttled(String),
    /// Something else changes it at the moment.
    Busy(String),
    /// A request was not answered in time.
    Silent,
    /// The command's time was over.
    Deadline {
        /// How long all of its requests could take.
        limit: Duration,
        /// What went wrong with the last try, if that failed before.
        last: Option<Box<CloudProblem>>,
    },
    /// The connection failed.
    Unreachable(String),
    /// The answer did not come from this service.
    NoAnswer(String),
    /// The service had an internal error.
    Service(String),
    /// The service does not support the request.
    Unknown(String),
    /// This machine cannot send requests.
    Machine(String),
    /// The stored data was not written by this program.
    Foreign(String),
    /// Anything else, in AWS's words.
    Other(String),
}

/// What to do where nothing answers.
const SILENCE: &str = "check the network: VPC endpoint, security group, proxy; or give more time with --timeout";

impl CloudProblem {
    /// Whether another try may succeed, with other credentials if need be.
    pub(in crate::store) fn calls_for_another_try(&self) -> bool {
        self.passes() || matches!(self, Self::Expired(_))
    }

    /// Whether another try may succeed without anybody's help.
    pub(in crate::store) fn passes(&self) -> bool {
        matches!(self, Self::Throttled(_) | Self::Busy(_) | Self::Silent | Self::Unreachable(_) | Self::Service(_))
    }

    /// What is wrong, and what to do about it.
    fn words(&self) -> (String, &'static str) {
        match self {
            Self::NoCredentials(why) => (
                format!("there are no AWS credentials ({why})"),
                "run it with a role (a build has its project's), or name a profile with AWS_PROFILE",
            ),
            Self::Expired(why) => {
                (format!("the AWS credentials have expired ({why})"), "sign in again, or start a new build")
            }
            Self::BadCredentials(why) => (
                format!("AWS does not accept these credentials ({why})"),
                "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the profile",
            ),
            Self::Denied(why) => {
                (format!("access is denied ({why})"), "the policy it needs: shipmark doctor --print iam")
            }
            Self::Clock(why) => (format!("this machine's clock is off ({why})"), "set the clock"),
            Self::NoRegion => {
                ("no region is named".to_owned(), "add ?region=REGION to the store's address, or set AWS_REGION")
            }
            Self::WrongRegion(why) => {
                (format!("the region is wrong ({why})"), "add ?region=REGION with the bucket's region to the address")
            }
            Self::Missing(why) => (
                format!("it does not exist ({why})"),
                "check its name and its region; shipmark doctor --create makes a table",
            ),
            Self::OtherTable(why) => (
                format!("it has other keys than shipmark's ({why})"),
                "name a table with the string keys `pk` and `sk`: shipmark doctor --create makes one",
            ),
            Self::Throttled(why) => {
                (format!("too many requests ({why})"), "try again, or give the table more capacity")
            }
            Self::Busy(why) => (format!("something else changes it ({why})"), "try again"),
            Self::Silent => ("a request was not answered in time".to_owned(), SILENCE),
            Self::Deadline { limit, last } => match last.as_deref() {
                None | Some(Self::Silent) => (format!("no answer came within {}", limit_text(*limit)), SILENCE),
                Some(last) => {
                    let (wrong, fix) = last.words();
                    (format!("no answer came within {}: {wrong}", limit_text(*limit)), fix)
                }
            },
            Self::Unreachable(why) => (
                format!("it cannot be reached ({why})"),
                "check the endpoint, the region's name and the network: DNS, VPC endpoint, proxy",
            ),
            Self::NoAnswer(why) => (
                format!("what came back is no answer of AWS ({why})"),
                "look for what stands between: a proxy, a captive portal, a wrong endpoint",
            ),
            Self::Service(why) => (format!("AWS has an error of its own ({why})"), "try again"),
            Self::Unknown(why) => {
                (format!("it does not know this request ({why})"), "if it is not AWS's own, ask those who run it")
            }
            Self::Machine(why) => (format!("this machine cannot ask ({why})"), "check its limits on open files"),
            Self::Foreign(why) => {
                (format!("it holds what shipmark did not write ({why})"), "look at it, or name another place")
            }
            Self::Other(why) => (why.clone(), "see what AWS says of this error"),
        }
    }

    /// Classifies an AWS error by its code and message.
    fn answered(code: &str, message: &str, status: u16) -> Self {
        // The lines after the first quote the request, which may contain a session token.
        let message: String = message.lines().next().unwrap_or_default().chars().take(LONGEST).collect();
        let message = if message.is_empty() { "AWS says no more".to_owned() } else { printable(message.as_bytes()) };
        let code = printable(code.as_bytes());
        let why = if code.is_empty() { format!("status {status}: {message}") } else { format!("{code}: {message}") };
        match code.as_str() {
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "RequestExpired" => Self::Expired(why),
            "RequestTimeTooSkewed" | "RequestInTheFuture" => Self::Clock(why),
            // AWS also reports a wrong clock as an invalid signature; the message says which of the two it is.
            "InvalidSignatureException" | "SignatureDoesNotMatch"
                if message.contains("not yet current") || message.contains("Signature expired") =>
            {
                Self::Clock(why)
            }
            "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException"
            | "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "InvalidToken"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignature"
            | "IncompleteSignatureException" => Self::BadCredentials(why),
            "AccessDenied" | "AccessDeniedException" | "AllAccessDisabled" => Self::Denied(why),
            "ResourceNotFoundException" | "NoSuchBucket" => Self::Missing(why),
            // The SDK's own code for a 404 without a body.
            "NotFound" => Self::NoAnswer(format!("status {status}")),
            "NotImplemented" | "MethodNotAllowed" | "UnknownOperationException" => Self::Unknown(why),
            "PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed" => Self::WrongRegion(why),
            "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "LimitExceededException"
            | "BandwidthLimitExceeded"
            | "TooManyRequests"
            | "TooManyRequestsException"
            | "SlowDown" => Self::Throttled(why),
            // A conditional write treats these as lost before it comes here.
            "TransactionConflictException"
            | "ReplicatedWriteConflictException"
            | "ConditionalRequestConflict"
            | "OperationAborted"
            // The table is being made or changed.
            | "ResourceInUseException" => Self::Busy(why),
            "RequestTimeout" | "RequestTimeoutException" => Self::Silent,
            "ValidationException" if message.contains("key element") || message.contains("schema") => {
                Self::OtherTable(why)
            }
            _ => match status {
                301 | 307 => Self::WrongRegion(why),
                403 => Self::Denied(why),
                429 => Self::Throttled(why),
                500.. => Self::Service(why),
                _ => Self::Other(why),
            },
        }
    }
}

/// Why an SDK request failed. Only the code and the message are kept from the request and the answer: they contain no
/// secrets.
pub(in crate::store) fn problem<E>(error: &SdkError<E, Response>) -> CloudProblem
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(credentials) = find::<CredentialsError>(error) {
        return from_credentials(credentials);
    }
    let why = || chain(error);
    match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            match context.err().meta().code() {
                // An AWS error has a code; an answer without one came from something in between.
                None if status < 300 || matches!(status, 400..=402 | 404..=428) => {
                    CloudProblem::NoAnswer(format!("status {status}"))
                }
                code => CloudProblem::answered(
                    code.unwrap_or_default(),
                    context.err().meta().message().unwrap_or_default(),
                    status,
                ),
            }
        }
        // The connection ended in the middle of the answer.
        SdkError::ResponseError(_) if find::<std::io::Error>(error).is_some() => {
            CloudProblem::Unreachable(innermost(error))
        }
        SdkError::ResponseError(_) => CloudProblem::NoAnswer(why()),
        SdkError::TimeoutError(_) => CloudProblem::Silent,
        // The connection itself worked, but the answer is not HTTP.
        SdkError::DispatchFailure(failure) if failure.is_other() && failure.as_other().is_none() => {
            CloudProblem::NoAnswer(innermost(error))
        }
        SdkError::DispatchFailure(_) => CloudProblem::Unreachable(innermost(error)),
        _ => CloudProblem::Other(why()),
    }
}

/// Credential providers may quote what they read, so their own words are dropped; only the kind of failure is kept.
pub(super) fn from_credentials(error: &CredentialsError) -> CloudProblem {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => {
            CloudProblem::NoCredentials("none of the usual places has any".to_owned())
        }
        CredentialsError::ProviderTimedOut(_) => {
            CloudProblem::NoCredentials("what should give them did not answer".to_owned())
        }
        CredentialsError::InvalidConfiguration(_) => {
            CloudProblem::BadCredentials("the configuration of the profile cannot be used".to_owned())
        }
        _ => CloudProblem::NoCredentials("what should give them has failed".to_owned()),
    }
}

/// The last two causes: the earlier ones only say that a request was not sent.
pub(in crate::store) fn innermost(error: &(dyn Error + 'static)) -> String {
    let causes = causes(error).map(ToString::to_string).filter(|cause| !cause.starts_with("client error ("));
    let causes: Vec<String> = causes.collect();
    causes[causes.len().saturating_sub(2)..].join(": ")
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// The first cause of that type.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|error| error.downcast_ref())
}

impl CloudError {
    /// What is wrong, and what to do about it.
    pub(in crate::store) fn parts(&self) -> (String, &'static str) {
        let (wrong, fix) = self.problem.words();
        match &self.problem {
            CloudProblem::Denied(why) => match lacked(why, self.verb, &self.place) {
                Some(permission) => (format!("access is denied: it lacks {permission} ({why})"), fix),
                None => (wrong, fix),
            },
            _ => (wrong, fix),
        }
    }

    /// Whether the role lacks the permission.
    pub(in crate::store) fn is_denied(&self) -> bool {
        matches!(self.problem, CloudProblem::Denied(_))
    }

    /// Whether the table or bucket does not exist.
    pub(in crate::store) fn is_missing(&self) -> bool {
        matches!(self.problem, CloudProblem::Missing(_))
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wrong, fix) = self.parts();
        write!(f, "cannot {} in {}: {wrong}; {fix}", self.verb, self.place)
    }
}

impl Error for CloudError {}

#[cfg(test)]
mod tests;
