//! What AWS and networks answer instead of an answer, and what a person must be told of it.

use std::collections::BTreeSet;

use crate::engines::Kind;
use crate::proxy::{Fault, Request};

/// A choice of cases.
pub(super) type Cases = Vec<&'static Case>;

/// A fault, and the words in which it is told: what is wrong, and what to do.
pub(super) struct Case {
    pub(super) fault: Fault,
    pub(super) wrong: &'static str,
    pub(super) fix: &'static str,
}

const fn case(fault: Fault, wrong: &'static str, fix: &'static str) -> Case {
    Case { fault, wrong, fix }
}

const fn answer(status: u16, code: &'static str, message: &'static str) -> Fault {
    Fault::Answer { status, code, message }
}

/// DynamoDB quotes the request, with the session token, below the first line.
const WRONG_SECRET: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
    Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this \
    request should have been\n'POST\n/\n\nhost:dynamodb.eu-west-1.amazonaws.com\nx-amz-security-token:hushed-session-token\n'";

const EARLY: &str =
    "Signature not yet current: 20261122T090000Z is still later than 20261122T081500Z (20261122T081000Z + 5 min.)";

const REDIRECT: &str = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send \
    all future requests to this endpoint.";

const MALFORMED: &str = "The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-2'";

const DENIED: &str = "User: arn:aws:sts::111122223333:assumed-role/build/x is not authorized to perform this";

/// What DynamoDB answers.
const DYNAMODB: [Case; 10] = [
    case(
        answer(400, "ExpiredTokenException", "The security token included in the request is expired"),
        "have expired",
        "sign in again",
    ),
    case(
        answer(400, "UnrecognizedClientException", "The security token included in the request is invalid."),
        "does not accept these credentials",
        "AWS_SECRET_ACCESS_KEY",
    ),
    case(
        answer(400, "InvalidSignatureException", WRONG_SECRET),
        "does not accept these credentials",
        "AWS_SECRET_ACCESS_KEY",
    ),
    case(answer(400, "InvalidSignatureException", EARLY), "clock is off", "set the clock"),
    case(answer(400, "AccessDeniedException", DENIED), "access is denied", "shipmark doctor --print iam"),
    // A table of another region is one that does not exist.
    case(answer(400, "ResourceNotFoundException", "Requested resource not found"), "does not exist", "its region"),
    case(answer(400, "ThrottlingException", "Rate exceeded"), "too many requests", "more capacity"),
    case(
        answer(
            400,
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded",
        ),
        "too many requests",
        "more capacity",
    ),
    case(answer(500, "InternalServerError", "Internal server error"), "AWS has an error of its own", "try again"),
    case(answer(503, "ServiceUnavailable", "The service is unavailable"), "AWS has an error of its own", "try again"),
];

/// What S3 answers.
const S3: [Case; 11] = [
    case(answer(400, "ExpiredToken", "The provided token has expired."), "have expired", "sign in again"),
    case(
        answer(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
        "does not accept these credentials",
        "AWS_SECRET_ACCESS_KEY",
    ),
    case(
        answer(403, "SignatureDoesNotMatch", "The request signature we calculated does not match"),
        "does not accept these credentials",
        "AWS_SECRET_ACCESS_KEY",
    ),
    case(
        answer(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
        "clock is off",
        "set the clock",
    ),
    // Without the permission to list, also what S3 answers for an object that does not exist.
    case(answer(403, "AccessDenied", "Access Denied"), "access is denied", "shipmark doctor --print iam"),
    case(answer(301, "PermanentRedirect", REDIRECT), "the region is wrong", "?region=REGION"),
    case(answer(400, "AuthorizationHeaderMalformed", MALFORMED), "the region is wrong", "?region=REGION"),
    case(answer(404, "NoSuchBucket", "The specified bucket does not exist"), "does not exist", "check its name"),
    case(answer(503, "SlowDown", "Please reduce your request rate."), "too many requests", "try again"),
    case(
        answer(500, "InternalError", "We encountered an internal error. Please try again."),
        "AWS has an error of its own",
        "try again",
    ),
    case(
        answer(503, "ServiceUnavailable", "Service is unable to handle request."),
        "AWS has an error of its own",
        "try again",
    ),
];

/// What networks do.
const NETWORK: [Case; 4] = [
    case(Fault::Refuse, "it cannot be reached", "check the endpoint"),
    case(Fault::Html, "what came back is no answer of AWS", "a captive portal"),
    case(Fault::Garbage, "what came back is no answer of AWS", "a proxy"),
    case(Fault::CutBody { after: 10 }, "it cannot be reached", "check the endpoint"),
];

impl Case {
    /// Whether asking again may help.
    pub(super) fn passes(&self) -> bool {
        let answered = matches!(self.fault, Fault::Answer { .. });
        let again = ["too many requests", "AWS has an error"].iter().any(|word| self.wrong.starts_with(word));
        (answered && again) || matches!(self.fault, Fault::Refuse | Fault::CutBody { .. })
    }
}

/// The faults by which requests of that kind of store fail, however often they are repeated: one for each sentence in which they
/// are told.
pub(super) fn cases(kind: Kind) -> Cases {
    let mut told = BTreeSet::new();
    all_cases(kind).into_iter().filter(|case| told.insert(case.wrong)).collect()
}

/// All of them.
pub(super) fn all_cases(kind: Kind) -> Cases {
    let answers: &[Case] = match kind {
        Kind::DynamoDb => &DYNAMODB,
        Kind::S3 => &S3,
    };
    answers.iter().chain(&NETWORK).collect()
}

/// Whether a request may change something.
pub(super) fn writes(request: &Request) -> bool {
    ["PutItem", "UpdateItem", "DeleteItem", "PutObject", "DeleteObject"].contains(&request.operation.as_str())
}

/// Whether a request writes a mark.
pub(super) fn writes_a_mark(request: &Request) -> bool {
    match request.operation.as_str() {
        "PutItem" => String::from_utf8_lossy(&request.body).contains("#mark"),
        "PutObject" => request.target.contains("/mark.json"),
        _ => false,
    }
}
