//! What a statement of a policy lets its role write, as far as marks are concerned.

use super::glob::Wildcard;
use super::node::{NodeForm, TemplateNode, names, open};

/// Where marks are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MarksPlace {
    /// In a table of DynamoDB, by its name.
    Table(String),
    /// In S3, below `BUCKET/PREFIX`.
    Objects { place: String },
    /// Somewhere else, or not known.
    Other,
}

/// What a statement reaches, the worst last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// No marks, or only its own.
    Own,
    /// That cannot be told; why.
    Unknown(String),
    /// Its own, and requests that name no key.
    WithoutKey,
    /// Those of this environment.
    Foreign(String),
}

const TABLE_WRITES: [&str; 7] = [
    "dynamodb:putitem",
    "dynamodb:updateitem",
    "dynamodb:deleteitem",
    "dynamodb:batchwriteitem",
    "dynamodb:partiqlinsert",
    "dynamodb:partiqlupdate",
    "dynamodb:partiqldelete",
];
const OBJECT_WRITES: [&str; 2] = ["s3:putobject", "s3:deleteobject"];

impl MarksPlace {
    /// Of the address of a store.
    pub(super) fn parse(url: &str) -> Self {
        let url = url.split('?').next().unwrap_or_default();
        if let Some(table) = url.strip_prefix("dynamodb://") {
            return Self::Table(table.rsplit("table/").next().unwrap_or(table).to_owned());
        }
        match url.strip_prefix("s3://") {
            Some(place) => Self::Objects { place: place.trim_end_matches('/').to_owned() },
            None => Self::Other,
        }
    }
}

/// What a statement lets its role write of the marks with these foreign keys, each `PROJECT/ENVIRONMENT` with its environment.
pub(super) fn reach(statement: &TemplateNode, state: &MarksPlace, foreign: &[(String, String)]) -> Reach {
    if statement.get("Effect").symbol() != Some("Allow") {
        return Reach::Own;
    }
    let writes: &[&str] = match state {
        MarksPlace::Table(_) => &TABLE_WRITES,
        MarksPlace::Objects { .. } => &OBJECT_WRITES,
        MarksPlace::Other => return Reach::Own,
    };
    match writing(statement, writes) {
        Ok(true) => {}
        Ok(false) => return Reach::Own,
        Err(why) => return Reach::Unknown(why),
    }
    if !statement.get("NotResource").is_absent() {
        return Reach::Unknown("it has `NotResource`".to_owned());
    }
    let resources = statement.get("Resource").items();
    let reached = resources.iter().map(|resource| match (state, &resource.form) {
        (_, NodeForm::Unknown(why)) => Reach::Unknown(why.clone()),
        (MarksPlace::Table(table), NodeForm::Text(text)) if is_table(text, table) => keys(statement, foreign),
        (MarksPlace::Objects { place }, NodeForm::Text(text)) => objects(text, place, foreign),
        _ => Reach::Own,
    });
    reached.max().unwrap_or(Reach::Own)
}

/// Whether it allows any of these actions.
fn writing(statement: &TemplateNode, writes: &[&str]) -> Result<bool, String> {
    if !statement.get("NotAction").is_absent() {
        return Err("it has `NotAction`".to_owned());
    }
    let mut any = false;
    for action in statement.get("Action").items() {
        match &action.form {
            NodeForm::Text(text) => {
                let wildcard = Wildcard::of_policy(&text.to_ascii_lowercase());
                any |= writes.iter().any(|write| wildcard.fits(write));
            }
            NodeForm::Unknown(why) => return Err(why.clone()),
            _ => return Err("an action is not a text".to_owned()),
        }
    }
    Ok(any)
}

/// Whether a resource is, or may be, the table of the marks.
fn is_table(resource: &str, table: &str) -> bool {
    // `!Ref Table` and `!GetAtt Table.Arn` of a table that has no name.
    let id = table.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(table);
    if names(resource, id, Some(table)) {
        return true;
    }
    let pattern = resource.rsplit(":table/").next().unwrap_or(resource);
    // Of a name that is not known any table may be meant, but not a part of one.
    if !resource.contains(":table/") && resource != "*" && !resource.ends_with(":*") {
        return false;
    }
    Wildcard::of_policy(if resource.contains(":table/") { pattern } else { "*" }).fits(table)
}

/// What the condition on the partition keys leaves.
fn keys(statement: &TemplateNode, foreign: &[(String, String)]) -> Reach {
    let condition = statement.get("Condition");
    if let NodeForm::Unknown(why) = &condition.form {
        return Reach::Unknown(why.clone());
    }
    let mut left: Vec<&(String, String)> = foreign.iter().collect();
    let (mut for_all, mut null) = (false, false);
    for operator in condition.entries() {
        let values = operator.value.get("dynamodb:LeadingKeys");
        let kind = operator.name.rsplit(':').next().unwrap_or_default();
        match kind {
            _ if values.is_absent() => continue,
            "Null" => null |= values.items().iter().any(|value| value.symbol() == Some("false")),
            "StringEquals" | "StringLike" => {
                for_all |= operator.name.starts_with("ForAllValues:");
                let mut patterns = Vec::new();
                for value in values.items() {
                    match value.known() {
                        // What is compared as it is has no wildcards.
                        Some(text) if kind == "StringEquals" && text.contains(['*', '?']) => {}
                        Some(text) => patterns.push(Wildcard::of_policy(text)),
                        None => {
                            let why = value.symbol().and_then(open).unwrap_or_else(|| "a key is not known".to_owned());
                            return Reach::Unknown(why);
                        }
                    }
                }
                left.retain(|(_, key)| patterns.iter().any(|pattern| pattern.fits(key)));
            }
            // Other operators only narrow what is allowed; by how much is not worked out.
            _ => {}
        }
    }
    match left.first() {
        Some((environment, _)) => Reach::Foreign(environment.clone()),
        None if for_all && !null => Reach::WithoutKey,
        None => Reach::Own,
    }
}

/// What a resource in S3 covers.
fn objects(resource: &str, place: &str, foreign: &[(String, String)]) -> Reach {
    let mut text = resource.replacen("arn:${AWS::Partition}:s3:::", "", 1);
    text = text.strip_prefix("arn:aws:s3:::").unwrap_or(&text).to_owned();
    // `!Sub "${Bucket.Arn}/…"` of a bucket that has no name.
    if let Some((id, rest)) = text.strip_prefix("${").and_then(|rest| rest.split_once(".Arn}")) {
        text = format!("${{{id}}}{rest}");
    }
    let wildcard = Wildcard::of_policy(&text);
    let covered = foreign.iter().find(|(_, key)| wildcard.fits(&format!("{place}/{key}/x")));
    match covered {
        Some((environment, _)) => Reach::Foreign(environment.clone()),
        None => match open(&text).filter(|_| open(place).is_none()) {
            Some(why) => Reach::Unknown(why),
            None => Reach::Own,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upkeep::template::json;

    fn said(statement: &str, state: &str) -> Reach {
        let foreign =
            [("stage".to_owned(), "shop/stage".to_owned()), ("prod-other".to_owned(), "shop/prod-other".to_owned())];
        reach(&json::parse(statement).unwrap(), &MarksPlace::parse(state), &foreign)
    }

    fn with(condition: &str) -> Reach {
        let table = "arn:aws:dynamodb:eu-west-1:1:table/shipmark";
        let statement = format!(
            r#"{{"Effect": "Allow", "Action": ["dynamodb:Get*", "dynamodb:PutItem"], "Resource": "{table}", "Condition": {condition}}}"#
        );
        said(&statement, "dynamodb://shipmark?region=eu-west-1")
    }

    #[test]
    fn keys_decide_what_a_table_lets_be_written() {
        let null = r#""Null": {"dynamodb:LeadingKeys": "false"}"#;
        let keys = |operator: &str, value: &str| {
            format!(r#"{{"{operator}": {{"dynamodb:LeadingKeys": ["{value}"]}}, {null}}}"#)
        };
        let foreign = |name: &str| Reach::Foreign(name.to_owned());
        assert_eq!(with(&keys("ForAllValues:StringEquals", "shop/prod")), Reach::Own);
        assert_eq!(with(&keys("ForAllValues:StringLike", "shop/*")), foreign("stage"));
        assert_eq!(with(&keys("ForAllValues:StringLike", "shop/prod*")), foreign("prod-other"));
        assert_eq!(with("{}"), foreign("stage"));
        assert_eq!(
            with(r#"{"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["shop/prod"]}}"#),
            Reach::WithoutKey
        );
        assert!(matches!(with(&keys("ForAllValues:StringEquals", "shop/${E}")), Reach::Unknown(_)));
    }

    #[test]
    fn other_tables_and_reads_are_nobodys_business() {
        let own = |action: &str, resource: &str| {
            said(
                &format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}"#),
                "dynamodb://${State}",
            )
        };
        assert_eq!(own("dynamodb:PutItem", "arn:aws:dynamodb:r:1:table/orders"), Reach::Own);
        assert_eq!(own("dynamodb:GetItem", "*"), Reach::Own);
        assert_eq!(own("s3:*", "*"), Reach::Own);
        for resource in ["*", "${State.Arn}", "arn:aws:dynamodb:r:1:table/${State}", "arn:aws:dynamodb:r:1:table/*"] {
            assert_eq!(own("dynamodb:*", resource), Reach::Foreign("stage".to_owned()), "{resource}");
        }
    }

    #[test]
    fn prefixes_decide_in_a_bucket() {
        let with = |resource: &str, state: &str| {
            said(&format!(r#"{{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "{resource}"}}"#), state)
        };
        assert_eq!(with("arn:aws:s3:::marks/shipmark/shop/prod/*", "s3://marks/shipmark/"), Reach::Own);
        assert_eq!(
            with("arn:aws:s3:::marks/shipmark/shop/prod*", "s3://marks/shipmark"),
            Reach::Foreign("prod-other".to_owned())
        );
        assert_eq!(with("${M.Arn}/*", "s3://${M}/p"), Reach::Foreign("stage".to_owned()));
        assert_eq!(with("arn:aws:s3:::artifacts/*", "s3://marks/shipmark"), Reach::Own);
    }
}
