# Two pipelines for two servers in one stack, for Terraform and OpenTofu. It goes with config/cqrs-es-example-swift.toml.
#
# Each pipeline decides in the build that deploys, so nothing comes between the decision and the deploy. Each passes the other's image,
# the one that was recorded for it, and `redeploys` in the map says so. The map also lists both pipelines, by their
# names, in `[environments.NAME] pipelines`: else each builds after a deploy of the other. If both update the stack at once,
# CloudFormation refuses the second; that build fails, and its retry deploys.
#
# Never applied: no AWS account was at hand. It was read by an HCL parser, and tests read its text.
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
  account  = data.aws_caller_identity.current.account_id
  arn      = "arn:${data.aws_partition.current.partition}"
  registry = "${local.account}.dkr.ecr.${var.region}.${data.aws_partition.current.dns_suffix}"
}

resource "aws_s3_bucket" "artifacts" {
  bucket_prefix = "shipmark-pipelines-"
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_codebuild_project" "server" {
  for_each = var.servers

  name         = "${var.stack_name}-${each.key}"
  service_role = aws_iam_role.build[each.key].arn
  # No longer than `build_timeout` in the map, 1h: a build that was counted as ended must not deploy.
  build_timeout = 60

  source {
    type      = "CODEPIPELINE"
    buildspec = each.value.buildspec
  }

  artifacts {
    type = "CODEPIPELINE"
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
      value = var.environment
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
