# The function of ../function.yml, for Terraform and OpenTofu. Never applied: no AWS account was at hand. Checked by the provider's schema and `terraform fmt`.
variable "zip" {
  type        = string
  description = "The file that `.ci/release` makes, e.g. target/dist/shipmark-0.1.0-lambda-arm64.zip"
}

variable "architecture" {
  type    = string
  default = "arm64"
}

variable "project" {
  type        = string
  default     = "shop"
  description = "The `project` of the service map. The function can touch only its keys."
}

variable "environment" {
  type        = string
  default     = "prod"
  description = "The environment of the marks, as in the pipelines' UserParameters. Another environment needs a function of its own."

  # What needs no encoding in a key, so that the policy names the key exactly.
  validation {
    condition     = can(regex("^[A-Za-z0-9_~-]([A-Za-z0-9_.~-]*[A-Za-z0-9_~-])?$", var.environment))
    error_message = "Letters, digits, and _ ~ - only, with dots between them."
  }
}

variable "state_table" {
  type    = string
  default = "shipmark"
}

variable "alarm_topics" {
  type    = list(string)
  default = []
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  here = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  arn  = "arn:${data.aws_partition.current.partition}"
}

resource "aws_lambda_function" "shipmark" {
  function_name    = "shipmark"
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  role             = aws_iam_role.function.arn
  filename         = var.zip
  source_code_hash = filebase64sha256(var.zip)
  memory_size      = 1024
  timeout          = 120

  ephemeral_storage {
    size = 1024
  }

  environment {
    variables = {
      SHIPMARK_STATE = "dynamodb://${var.state_table}?region=${data.aws_region.current.name}"
    }
  }
}

resource "aws_lambda_function_event_invoke_config" "shipmark" {
  function_name                = aws_lambda_function.shipmark.function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 900
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "shipmark-lambda-errors"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.shipmark.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topics
}

resource "aws_iam_role" "function" {
  name = "shipmark-function"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "function" {
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${local.arn}:logs:${local.here}:log-group:/aws/lambda/shipmark:*"
      },
      {
        # These have no resources. Nothing for the artifacts: they are read with the credentials that come with each job.
        Effect   = "Allow"
        Action   = ["codepipeline:GetJobDetails", "codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"]
        Resource = "*"
      },
      {
        # Only for the fleet.
        Effect   = "Allow"
        Action   = "codepipeline:StartPipelineExecution"
        Resource = "${local.arn}:codepipeline:${local.here}:${var.project}-*"
      },
      {
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
        Resource = "${local.arn}:dynamodb:${local.here}:table/${var.state_table}"
        Condition = {
          "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["${var.project}/${var.environment}"] }
          # A request without keys would satisfy the condition above.
          Null = { "dynamodb:LeadingKeys" = "false" }
        }
      },
    ]
  })
}
