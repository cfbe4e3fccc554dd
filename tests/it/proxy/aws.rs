//! AWS's protocols as far as the proxy speaks them: what a request asks for, and what an error looks like.

use serde_json::json;

use super::http::Message;

/// AWS's name of what is asked for; the method where it has none that is known here.
pub(super) fn operation(request: &Message) -> String {
    if let Some(target) = request.header("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let target = request.target();
    let origin_form = origin_form(&target).map_or(target.as_str(), |(_, path)| path);
    let (path, query) = origin_form.split_once('?').unwrap_or((origin_form, ""));
    let mut query = query.split('&');
    // The SDKs name S3's operations in the query wherever their models say so.
    if let Some(name) = query.clone().find_map(|part| part.strip_prefix("x-id=")) {
        return name.to_owned();
    }
    let method = request.method();
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    match (method.as_str(), bucket.is_empty(), key.is_empty()) {
        ("GET", true, _) => "ListBuckets",
        ("HEAD", false, true) => "HeadBucket",
        ("PUT", false, true) => "CreateBucket",
        ("GET", false, true) if query.any(|part| part == "list-type=2") => "ListObjectsV2",
        ("HEAD", false, false) => "HeadObject",
        ("GET", false, false) => "GetObject",
        ("PUT", false, false) => "PutObject",
        ("DELETE", false, false) => "DeleteObject",
        _ => return method,
    }
    .to_owned()
}

/// The authority and the path of a target in absolute form, which is what a forward proxy is sent.
pub(super) fn origin_form(target: &str) -> Option<(&str, &str)> {
    let rest = target.strip_prefix("http://")?;
    let path = rest.find('/').unwrap_or(rest.len());
    Some((&rest[..path], if path == rest.len() { "/" } else { &rest[path..] }))
}

/// An error as DynamoDB (JSON) or S3 (XML) tells it, whichever was asked.
pub(super) fn error(request: &Message, status: u16, code: &str, message: &str) -> Message {
    let id = "MADEUPBYTHEPROXY";
    if request.header("x-amz-target").is_some() {
        let body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message });
        let headers = format!("Content-Type: application/x-amz-json-1.0\nx-amzn-RequestId: {id}");
        return Message::made(status, &headers, body.to_string().into_bytes());
    }
    let headers = format!("Content-Type: application/xml\nx-amz-request-id: {id}");
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>"
    );
    Message::made(status, &headers, body.into_bytes())
}
