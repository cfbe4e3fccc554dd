//! Which permission a refused request lacked: the action and the resource, as a policy names them.

/// What AWS says of a refused request, before the action and between it and the resource.
const PERFORM: &str = " is not authorized to perform: ";
const ON: &str = " on resource: ";

/// The action, with the resource where AWS names it. S3 may name neither: then the action follows from what was tried.
pub(super) fn lacked(message: &str, verb: &str, place: &str) -> Option<String> {
    if let Some((_, rest)) = message.split_once(PERFORM) {
        let action = rest.split(' ').next().unwrap_or_default();
        let resource = rest.split_once(ON).and_then(|(_, rest)| rest.split(' ').next());
        let resource = resource.map(|resource| resource.trim_matches(['"', '.', ','])).filter(|text| !text.is_empty());
        return (!action.is_empty()).then(|| match resource {
            Some(resource) => format!("`{action}` on `{resource}`"),
            None => format!("`{action}` in {place}"),
        });
    }
    let action = s3_action(verb).filter(|_| place.starts_with("the S3 bucket "))?;
    Some(format!("{action} in {place}"))
}

/// The actions that a request of the store for a bucket needs.
fn s3_action(verb: &str) -> Option<&'static str> {
    Some(match verb {
        // Without permission to list, what does not exist is refused too.
        "read a mark" | "read a snapshot" | "read a candidate" | "read candidates" => {
            "`s3:GetObject` or `s3:ListBucket`"
        }
        "write a mark" | "keep a candidate" | "keep a snapshot" => "`s3:PutObject`",
        "remove a mark" | "remove a candidate" | "remove candidates and snapshots" | "remove old snapshots" => {
            "`s3:DeleteObject` or `s3:ListBucket`"
        }
        "list the bucket" | "list marks" | "list candidates" => "`s3:ListBucket`",
        "fetch an artifact" => "`s3:GetObject`",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::lacked;

    #[test]
    fn the_action_and_the_resource_are_those_that_aws_names() {
        let message = "AccessDeniedException: User: arn:aws:sts::1:assumed-role/build/x is not authorized to perform: \
                       dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:1:table/marks because no identity-based \
                       policy allows the dynamodb:PutItem action";
        let expected = "`dynamodb:PutItem` on `arn:aws:dynamodb:eu-west-1:1:table/marks`";
        assert_eq!(lacked(message, "write a mark", "the DynamoDB table `marks`").as_deref(), Some(expected));
        let quoted = message.replace("arn:aws:dynamodb:eu-west-1:1:table/marks", "\"arn:aws:s3:::marks/shop\"");
        assert_eq!(lacked(&quoted, "", "").as_deref(), Some("`dynamodb:PutItem` on `arn:aws:s3:::marks/shop`"));
    }

    #[test]
    fn where_s3_names_none_it_follows_from_what_was_tried() {
        let said = lacked("AccessDenied: Access Denied", "write a mark", "the S3 bucket `marks`");
        assert_eq!(said.as_deref(), Some("`s3:PutObject` in the S3 bucket `marks`"));
        assert_eq!(lacked("AccessDenied: Access Denied", "write a mark", "the DynamoDB table `marks`"), None);
        assert_eq!(lacked("AccessDenied: Access Denied", "look at the versioning", "the S3 bucket `marks`"), None);
    }
}
