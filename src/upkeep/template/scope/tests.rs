use super::*;
use crate::upkeep::template::yaml;

const TEMPLATE: &str = r#"
Parameters:
  Stage: { Type: String, Default: prod }
  Open: { Type: String }
  Names: { Type: CommaDelimitedList, Default: "a, b" }
  Digest: { Type: "AWS::SSM::Parameter::Value<String>", Default: /image }
Mappings:
  Sizes: { prod: { Big: "8" } }
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  NotProd: !Not [!Condition Prod]
  Maybe: !Equals [!Ref Open, x]
  Both: !And [!Condition Prod, !Condition Maybe]
  Either: !Or [!Condition Prod, !Condition Maybe]
  Round: !Not [!Condition Round]
Resources:
  Table: { Type: "AWS::DynamoDB::Table", Properties: { TableName: !Ref Stage } }
  Role: { Type: "AWS::IAM::Role" }
Values:
  - !Ref Stage
  - !Ref Open
  - !Ref Table
  - !GetAtt Table.Arn
  - !GetAtt Role.Arn
  - !Sub "${Stage}-${Open}-${Role.Arn}-${!Literal}"
  - !Sub ["${x}", { x: !Ref Stage }]
  - !Join ["-", [a, !Ref Stage]]
  - !FindInMap [Sizes, !Ref Stage, Big]
  - !If [Prod, yes, no]
  - !If [NotProd, yes, no]
  - !If [Both, yes, no]
  - !If [Either, yes, no]
  - !If [Round, yes, no]
  - !Select [1, !Ref Names]
  - !Select [1, !Split [":", "a:b"]]
  - !ImportValue other
  - !Ref Nobody
  - !Ref Digest
  - !Transform { Name: "AWS::Include" }
"#;

#[test]
fn functions_are_worked_out_as_far_as_the_template_tells() {
    let root = yaml::parse(TEMPLATE).unwrap();
    let given = BTreeMap::new();
    let meaning = Meaning::new(&root, &given);
    let said = |node: &TemplateNode| match meaning.of(node).form {
        NodeForm::Text(text) => text,
        NodeForm::Unknown(why) => format!("? {why}"),
        other => format!("{other:?}"),
    };
    let all: Vec<String> = root.get("Values").items().iter().map(said).collect();
    assert_eq!(
        all,
        [
            "prod",
            "${Open}",
            "prod",
            "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/prod",
            "${Role.Arn}",
            "prod-${Open}-${Role.Arn}-${!Literal}",
            "prod",
            "a-prod",
            "8",
            "yes",
            "no",
            "? it depends on the condition `Both`",
            "yes",
            "? it depends on the condition `Round`",
            "b",
            "b",
            "${import other}",
            "? `Nobody` is neither a parameter nor a resource of the template",
            "${Digest}",
            "? `Fn::Transform` cannot be worked out from the template",
        ]
    );
}

#[test]
fn given_values_go_before_defaults() {
    let root = yaml::parse(TEMPLATE).unwrap();
    let given = BTreeMap::from([("Stage".to_owned(), "x".to_owned()), ("Open".to_owned(), "x".to_owned())]);
    let meaning = Meaning::new(&root, &given);
    let values = root.get("Values").items();
    assert_eq!(meaning.of(&values[0]).symbol(), Some("x"));
    assert_eq!(meaning.of(&values[1]).symbol(), Some("x"));
}

#[test]
fn a_text_that_grows_without_end_is_not_known() {
    let mut text = "Values:\n  - ".to_owned();
    for _ in 0..40 {
        text += "!Sub [\"${a}${a}${a}${a}\", { a: ";
    }
    text += "xxxxxxxxxxxxxxxx";
    text += &" }]".repeat(40);
    let root = yaml::parse(&text).unwrap();
    let given = BTreeMap::new();
    let value = Meaning::new(&root, &given).of(&root.get("Values").items()[0]);
    assert!(matches!(value.form, NodeForm::Unknown(_)));
}
