# The state and who may touch it, as `shipmark doctor --print terraform` prints it for this project and table. Both pipelines use the
# one policy: deploying one server deploys the other again, so each reads and writes both marks.

resource "aws_dynamodb_table" "shipmark" {
  name         = "shipmark"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_iam_policy" "shipmark_build" {
  name_prefix = "shipmark-build-"
  description = "shipmark in builds: reads and writes the marks of one project"
  policy = jsonencode({
    "Version" = "2012-10-17"
    "Statement" = [
      {
        "Sid" = "Marks"
        "Effect" = "Allow"
        "Action" = [
          "dynamodb:GetItem",
          "dynamodb:BatchGetItem",
          "dynamodb:Query",
          "dynamodb:PutItem",
          "dynamodb:UpdateItem",
          "dynamodb:DeleteItem",
        ]
        "Resource" = aws_dynamodb_table.shipmark.arn
        "Condition" = {
          "ForAllValues:StringLike" = {
            "dynamodb:LeadingKeys" = [
              "cqrs-es-example-swift/*",
            ]
          }
        }
      },
    ]
  })
}

output "shipmark_build_policy" {
  value = aws_iam_policy.shipmark_build.arn
}

resource "aws_iam_policy" "shipmark_read_only" {
  name_prefix = "shipmark-read-only-"
  description = "shipmark on laptops: reads the marks of one project"
  policy = jsonencode({
    "Version" = "2012-10-17"
    "Statement" = [
      {
        "Sid" = "Marks"
        "Effect" = "Allow"
        "Action" = [
          "dynamodb:GetItem",
          "dynamodb:BatchGetItem",
          "dynamodb:Query",
        ]
        "Resource" = aws_dynamodb_table.shipmark.arn
        "Condition" = {
          "ForAllValues:StringLike" = {
            "dynamodb:LeadingKeys" = [
              "cqrs-es-example-swift/*",
            ]
          }
        }
      },
    ]
  })
}

output "shipmark_read_only_policy" {
  value = aws_iam_policy.shipmark_read_only.arn
}
