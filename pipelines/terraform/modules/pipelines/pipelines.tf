# Two pipelines for two servers in one stack, for Terraform and OpenTofu. It goes with config/cqrs-es-example-swift.toml.
#
# Each pipeline decides in the build that deploys, so nothing comes between the decision and the deploy. Each passes the other's image,
# the one that was recorded for it, and `redeploys` in the map says so. The map also lists both pipelines, by their
# names, in `[environments.NAME] pipelines`: else each builds after a deploy of the other. If both update the stack at once,
# CloudFormation refuses the second; that build fails, and its retry deploys.
#
# Never applied: no AWS account was at hand. `terraform fmt` accepts it, and tests read its text.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40"
    }
  }
}

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  # The policies in state.tf.json are for this one. For another, print them again: shipmark doctor --print terraform --environment NAME
  environment = "prod"

  account  = data.aws_caller_identity.current.account_id
  arn      = "arn:${data.aws_partition.current.partition}"
  registry = "${local.account}.dkr.ecr.${var.region}.${data.aws_partition.current.dns_suffix}"
}

resource "aws_s3_bucket" "artifacts" {
  bucket_prefix = "shipmark-pipelines-"
}

resource "aws_s3_bucket_versioning" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_ownership_controls" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

# What has expired can be neither retried nor rolled back to.
resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  bucket     = aws_s3_bucket.artifacts.id
  depends_on = [aws_s3_bucket_versioning.artifacts]

  rule {
    id     = "old-artifacts"
    status = "Enabled"

    filter {}

    expiration {
      days = 90
    }

    noncurrent_version_expiration {
      noncurrent_days = 7
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

data "aws_iam_policy_document" "only_tls" {
  statement {
    sid       = "OnlyTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.artifacts.arn, "${aws_s3_bucket.artifacts.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  policy = data.aws_iam_policy_document.only_tls.json
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_cloudwatch_log_group" "build" {
  for_each = var.servers

  name              = "/aws/codebuild/${var.stack_name}-${each.key}"
  retention_in_days = var.log_retention_days
}

resource "aws_codebuild_project" "server" {
  for_each = var.servers

  name         = "${var.stack_name}-${each.key}"
  service_role = aws_iam_role.build[each.key].arn
  # No longer than `build_timeout` in the map, 1h: a build that was counted as ended must not deploy.
  build_timeout = 60
  # A build that nobody wants any more must not wait for hours to deploy all the same.
  queued_timeout = 30
  encryption_key = var.kms_key_arn

  source {
    type      = "CODEPIPELINE"
    buildspec = each.value.buildspec
  }

  artifacts {
    type = "CODEPIPELINE"
  }

  logs_config {
    cloudwatch_logs {
      group_name  = aws_cloudwatch_log_group.build[each.key].name
      stream_name = "build"
    }
  }

  environment {
    type                        = "ARM_CONTAINER"
    compute_type                = "BUILD_GENERAL1_LARGE"
    image                       = "${local.registry}/${var.build_image.repository}@${var.build_image.digest}"
    image_pull_credentials_type = "SERVICE_ROLE"
    # For docker.
    privileged_mode = true

    environment_variable {
      name  = "SHIPMARK_STATE"
      value = "dynamodb://${aws_dynamodb_table.shipmark.name}?region=${var.region}"
    }

    environment_variable {
      name  = "SHIPMARK_ENVIRONMENT"
      value = local.environment
    }

    environment_variable {
      name  = "REPOSITORY_URL"
      value = "${local.registry}/${each.value.image_repository}"
    }

    environment_variable {
      name  = "STACK_NAME"
      value = var.stack_name
    }
  }
}

resource "aws_codepipeline" "server" {
  for_each = var.servers

  name          = "${var.stack_name}-${each.key}"
  role_arn      = aws_iam_role.pipeline[each.key].arn
  pipeline_type = "V2"
  # Executions take turns. PARALLEL has no order, and overlapping deploys make marks uncertain.
  execution_mode = "QUEUED"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.artifacts.bucket

    dynamic "encryption_key" {
      for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

      content {
        id   = encryption_key.value
        type = "KMS"
      }
    }
  }

  variable {
    name          = "FORCE"
    default_value = "0"
    description   = "1 builds and deploys, whatever is recorded"
  }

  stage {
    name = "Source"

    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["Source"]

      configuration = {
        ConnectionArn    = var.connection_arn
        FullRepositoryId = var.repository
        BranchName       = var.branch
        # The plain zip: what shipmark compares needs no history.
        OutputArtifactFormat = "CODE_ZIP"
      }
    }
  }

  stage {
    name = "BuildAndDeploy"

    action {
      name            = "BuildAndDeploy"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["Source"]

      configuration = {
        ProjectName = aws_codebuild_project.server[each.key].name
        EnvironmentVariables = jsonencode([
          { name = "SHIPMARK_EXECUTION", value = "#{codepipeline.PipelineExecutionId}" },
          { name = "SHIPMARK_FORCE", value = "#{variables.FORCE}" },
        ])
      }
    }
  }
}
