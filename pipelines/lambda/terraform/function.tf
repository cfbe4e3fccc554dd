# The function of ../function.yml, for Terraform and OpenTofu. Never applied: no AWS account was at hand. Checked by the provider's schema and `terraform fmt`.
variable "name" {
  type        = string
  default     = "shipmark"
  description = "The name of the function. An account may have several: one for each environment."
}

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

variable "reuse_from" {
  type        = string
  default     = null
  description = "The environment that `reuse_from` of the map names, if there is one. The function may read its marks."

  validation {
    condition     = var.reuse_from == null ? true : can(regex("^[A-Za-z0-9_~-]([A-Za-z0-9_.~-]*[A-Za-z0-9_~-])?$", var.reuse_from))
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

variable "permissions_boundary_arn" {
  type        = string
  default     = null
  description = "The permissions boundary that your organisation demands of each role, if it does."
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  here = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  arn  = "arn:${data.aws_partition.current.partition}"

  table = "${local.arn}:dynamodb:${local.here}:table/${var.state_table}"
  reads = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"]
  marks = [for environment in compact([var.environment, var.reuse_from]) : "${var.project}/${environment}"]
}

resource "aws_lambda_function" "shipmark" {
  function_name    = var.name
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  role             = aws_iam_role.function.arn
  filename         = var.zip
  source_code_hash = filebase64sha256(var.zip)
  memory_size      = 1024
  # An action waits for 20 minutes. Three seconds before its end the function says that it took too long.
  timeout = 120

  # For artifacts: twice the size of the largest.
  ephemeral_storage {
    size = 1024
  }

  environment {
    variables = {
      SHIPMARK_STATE = "dynamodb://${var.state_table}?region=${data.aws_region.current.name}"
    }
  }
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 30
}

# CodePipeline invokes asynchronously. No event runs on for a job whose action has timed out.
resource "aws_lambda_function_event_invoke_config" "shipmark" {
  function_name                = aws_lambda_function.shipmark.function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 900
}

# An event that is not done. A job that fails is red in its pipeline, and no error here.
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name}-errors"
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
  name                 = "${var.name}-function"
  permissions_boundary = var.permissions_boundary_arn
  # AWS documents no `aws:SourceAccount` for this one.
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
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.function.arn}:*"
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
        Action   = concat(local.reads, ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"])
        Resource = local.table
        Condition = {
          "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["${var.project}/${var.environment}"] }
          # A request without keys would satisfy the condition above.
          Null = { "dynamodb:LeadingKeys" = "false" }
        }
      },
      {
        # With `reuse_from` also what it names; else no more than above.
        Effect   = "Allow"
        Action   = local.reads
        Resource = local.table
        Condition = {
          "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = local.marks }
          Null                        = { "dynamodb:LeadingKeys" = "false" }
        }
      },
    ]
  })
}
