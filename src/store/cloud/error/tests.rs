use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;

use super::{CloudError, CloudProblem, LONGEST, from_credentials};

/// The sentence for an AWS error.
fn told(code: &str, message: &str, status: u16) -> String {
    let problem = CloudProblem::answered(code, message, status);
    CloudError { place: "the S3 bucket `marks`".to_owned(), verb: "read a mark", problem }.to_string()
}

#[test]
fn each_error_says_what_is_wrong_and_what_to_do() {
    for (code, status, wrong, fix) in [
        ("ExpiredTokenException", 400, "have expired", "sign in again"),
        ("RequestTimeTooSkewed", 403, "clock is off", "set the clock"),
        ("UnrecognizedClientException", 400, "does not accept these credentials", "AWS_SECRET_ACCESS_KEY"),
        ("SignatureDoesNotMatch", 403, "does not accept these credentials", "AWS_SECRET_ACCESS_KEY"),
        ("AccessDeniedException", 400, "access is denied", "doctor --print iam"),
        ("AccessDenied", 403, "access is denied", "doctor --print iam"),
        ("", 403, "access is denied", "doctor --print iam"),
        ("ResourceNotFoundException", 400, "does not exist", "doctor --create"),
        ("NoSuchBucket", 404, "does not exist", "check its name and its region"),
        ("PermanentRedirect", 301, "region is wrong", "?region="),
        ("AuthorizationHeaderMalformed", 400, "region is wrong", "?region="),
        ("ProvisionedThroughputExceededException", 400, "too many requests", "try again"),
        ("SlowDown", 503, "too many requests", "try again"),
        ("InternalServerError", 500, "an error of its own", "try again"),
        ("SomethingNew", 400, "SomethingNew: text", "see what AWS says"),
    ] {
        let sentence = told(code, "text", status);
        assert!(sentence.starts_with("cannot read a mark in the S3 bucket `marks`: "), "{sentence}");
        assert!(sentence.contains(wrong) && sentence.contains(fix), "{code} {status}: {sentence}");
    }
}

#[test]
fn a_clock_that_is_off_is_told_from_a_wrong_secret() {
    let early = "Signature not yet current: 20261122T090000Z is still later than 20261122T081500Z";
    assert!(told("InvalidSignatureException", early, 400).contains("clock is off"));
    let late = "Signature expired: 20261122T070000Z is now earlier than 20261122T081500Z";
    assert!(told("InvalidSignatureException", late, 400).contains("clock is off"));
    let wrong = "The request signature we calculated does not match the signature you provided.";
    assert!(told("InvalidSignatureException", wrong, 400).contains("does not accept these credentials"));
}

#[test]
fn another_table_is_told_from_another_mistake() {
    let keys = "The provided key element does not match the schema";
    assert!(told("ValidationException", keys, 400).contains("other keys than shipmark's"));
    assert!(!told("ValidationException", "Item size has exceeded the maximum", 400).contains("other keys"));
}

/// DynamoDB quotes the whole request, with the session token, below the first line of this message.
#[test]
fn what_aws_quotes_of_the_request_is_not_shown() {
    let message = "The signature does not match.\n\nThe Canonical String should have been\nx-amz-security-token:hushed";
    let sentence = told("InvalidSignatureException", message, 400);
    assert!(sentence.contains("does not match") && !sentence.contains("hushed"), "{sentence}");
    assert!(told("X", &"y".repeat(5000), 400).len() < LONGEST + 200);
    assert!(!told("X", "a\u{1b}[31mb", 400).contains('\u{1b}'));
}

#[test]
fn what_a_provider_of_credentials_has_read_is_not_shown() {
    for error in [
        CredentialsError::not_loaded("hushed"),
        CredentialsError::invalid_configuration("hushed"),
        CredentialsError::provider_error("hushed"),
        CredentialsError::unhandled("hushed"),
        CredentialsError::provider_timed_out(Duration::from_secs(1)),
    ] {
        let (wrong, fix) = from_credentials(&error).words();
        assert!(!wrong.contains("hushed") && !fix.is_empty(), "{wrong}");
    }
}

/// Whoever waited for a throttled store needs more capacity, and not another network.
#[test]
fn a_deadline_tells_what_went_wrong_before_it() {
    let last = CloudProblem::answered("ThrottlingException", "Rate exceeded", 400);
    assert!(last.passes());
    let (wrong, fix) = CloudProblem::Deadline { limit: Duration::from_secs(10), last: Some(Box::new(last)) }.words();
    assert_eq!(wrong, "no answer came within 10 s (--timeout): too many requests (ThrottlingException: Rate exceeded)");
    assert!(fix.contains("capacity"), "{fix}");
}

#[test]
fn only_what_may_pass_is_tried_again() {
    for (code, status, passes) in [
        ("ThrottlingException", 400, true),
        ("SlowDown", 503, true),
        ("InternalError", 500, true),
        ("", 502, true),
        ("TransactionConflictException", 400, true),
        ("OperationAborted", 409, true),
        ("ResourceInUseException", 400, true),
        ("RequestTimeout", 400, true),
        ("AccessDenied", 403, false),
        ("NoSuchBucket", 404, false),
        ("ResourceNotFoundException", 400, false),
        ("ExpiredToken", 400, false),
        ("ValidationException", 400, false),
    ] {
        assert_eq!(CloudProblem::answered(code, "text", status).passes(), passes, "{code} {status}");
    }
}

#[test]
fn a_deadline_is_told_in_seconds() {
    let (limit, silent) = (Duration::from_millis(2500), Some(Box::new(CloudProblem::Silent)));
    for last in [None, silent] {
        let (wrong, fix) = CloudProblem::Deadline { limit, last }.words();
        assert_eq!(wrong, "no answer came within 2.5 s (--timeout)");
        assert!(fix.contains("VPC endpoint"), "{fix}");
    }
}
