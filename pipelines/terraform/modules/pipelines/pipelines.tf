# One pipeline for each entry of `pipelines`: it decides in the build that deploys, so nothing comes between the decision and the deploy.
#
# The folders beside `modules` call this, one for each system: they add the state, as `shipmark doctor --print terraform` prints it for
# the project and the environment, and what differs. Pipelines that deploy one stack are listed in the map, by their names, in
# `[environments.NAME] pipelines`: else each builds after a deploy of the other.
#
# Never applied: no AWS account was at hand. `terraform fmt` accepts it, every argument is in the provider's schema, and what the
# policies allow was simulated (docs/permissions.md).
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account  = data.aws_caller_identity.current.account_id
  arn      = "arn:${data.aws_partition.current.partition}"
  registry = "${local.account}.dkr.ecr.${var.region}.${data.aws_partition.current.dns_suffix}"
}

resource "aws_cloudwatch_log_group" "build" {
  for_each = var.pipelines

  name              = "/aws/codebuild/${var.name}-${each.key}"
  retention_in_days = var.common.log_retention_days
}

resource "aws_codebuild_project" "build" {
  for_each = var.pipelines

  name         = "${var.name}-${each.key}"
  service_role = aws_iam_role.build[each.key].arn
  # No longer than `build_timeout` in the map, 1h: a build that was counted as ended must not deploy.
  build_timeout = 60
  # A build that nobody wants any more must not wait for hours to deploy all the same.
  queued_timeout = 30
  encryption_key = var.common.kms_key_arn

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
    type                        = each.value.machine.type
    compute_type                = each.value.machine.size
    image                       = "${local.registry}/${var.common.build_image.repository}@${var.common.build_image.digest}"
    image_pull_credentials_type = "SERVICE_ROLE"
    # For docker.
    privileged_mode = true

    dynamic "environment_variable" {
      for_each = merge({
        SHIPMARK_STATE       = var.state.url
        SHIPMARK_ENVIRONMENT = var.environment
        REGISTRY             = local.registry
        REPOSITORY_URL       = "${local.registry}/${try(each.value.images[0], "none")}"
      }, each.value.variables)

      content {
        name  = environment_variable.key
        value = environment_variable.value
      }
    }
  }
}

resource "aws_codepipeline" "pipeline" {
  for_each = var.pipelines

  name          = "${var.name}-${each.key}"
  role_arn      = aws_iam_role.pipeline[each.key].arn
  pipeline_type = "V2"
  # Executions take turns. PARALLEL has no order, and overlapping deploys make marks uncertain.
  execution_mode = "QUEUED"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.artifacts.bucket

    dynamic "encryption_key" {
      for_each = var.common.kms_key_arn == null ? [] : [var.common.kms_key_arn]

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
        ConnectionArn    = var.common.connection_arn
        FullRepositoryId = var.common.repository
        BranchName       = var.common.branch
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
        ProjectName = aws_codebuild_project.build[each.key].name
        EnvironmentVariables = jsonencode([
          { name = "SHIPMARK_EXECUTION", value = "#{codepipeline.PipelineExecutionId}" },
          { name = "SHIPMARK_FORCE", value = "#{variables.FORCE}" },
        ])
      }
    }
  }
}
