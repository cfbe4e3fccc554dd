# One pipeline for all services, a stage each, as ../all-services.yml; with one service in `services` it is ../one-service.yml. With `flow` it is that of
# approval.tf or those of fleet.tf instead. The provider needs
# `before_entry` (5.74 or later). The role is that of ../function.yml, which needs `lambda:InvokeFunction` on the function and `lambda:ListFunctions`.
#
# Never applied: no AWS account was at hand. Checked by the provider's schema and `terraform fmt`.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.74"
    }
  }
}

variable "services" {
  type        = list(string)
  default     = ["api", "worker", "web"]
  description = "The services of the map, in the order of its dependencies. Variables are in upper case, with _ for -."
}

variable "flow" {
  type        = string
  default     = "stages"
  description = "`stages`: one pipeline, a stage for each service. `approval`: a pipeline for each service, with an approval. `fleet`: one decides and starts the others."

  validation {
    condition     = contains(["stages", "approval", "fleet"], var.flow)
    error_message = "One of stages, approval, fleet."
  }
}

variable "connection_arn" { type = string }
variable "repository" { type = string }
variable "pipeline_role_arn" { type = string }
variable "artifact_bucket" { type = string }
variable "build_project" { type = string }

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "A key of yours for the artifacts, which the roles of the pipelines and of the builds may use; without one S3 encrypts them with a key of its own."
}

locals {
  # By service: the variables of the action Decide, and the name of a stage.
  stages = { for service in var.services : service => upper(replace(service, "-", "_")) }
}

resource "aws_codepipeline" "services" {
  count          = var.flow == "stages" ? 1 : 0
  name           = "shop-all"
  role_arn       = var.pipeline_role_arn
  pipeline_type  = "V2"
  execution_mode = "QUEUED"

  artifact_store {
    type     = "S3"
    location = var.artifact_bucket

    dynamic "encryption_key" {
      for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

      content {
        id   = encryption_key.value
        type = "KMS"
      }
    }
  }

  stage {
    name = "Source"
    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      namespace        = "SourceVariables"
      output_artifacts = ["Source"]
      configuration = {
        ConnectionArn        = var.connection_arn
        FullRepositoryId     = var.repository
        BranchName           = "main"
        OutputArtifactFormat = "CODE_ZIP"
      }
    }
  }

  stage {
    name = "Decide"
    action {
      name            = "Decide"
      category        = "Invoke"
      owner           = "AWS"
      provider        = "Lambda"
      version         = "1"
      namespace       = "D"
      input_artifacts = ["Source"]
      configuration = {
        FunctionName = aws_lambda_function.shipmark.function_name
        UserParameters = jsonencode({
          do          = "decide"
          environment = var.environment
          execution   = "#{codepipeline.PipelineExecutionId}"
          revision    = "#{SourceVariables.CommitId}"
        })
      }
    }
  }

  dynamic "stage" {
    for_each = var.services
    content {
      name = stage.value

      # Exactly this: NE and `true`, and one rule.
      before_entry {
        condition {
          result = "SKIP"
          rule {
            name = "Changed"
            rule_type_id {
              category = "Rule"
              owner    = "AWS"
              provider = "VariableCheck"
              version  = "1"
            }
            configuration = {
              Variable = "#{D.BUILD_SKIPPED_${local.stages[stage.value]}}"
              Operator = "NE"
              Value    = "true"
            }
          }
        }
      }

      action {
        name      = "Begin"
        run_order = 1
        category  = "Invoke"
        owner     = "AWS"
        provider  = "Lambda"
        version   = "1"
        configuration = {
          FunctionName   = aws_lambda_function.shipmark.function_name
          UserParameters = jsonencode({ do = "begin", candidate = "#{D.SHIPMARK_CANDIDATE_${local.stages[stage.value]}}" })
        }
      }

      action {
        name            = "BuildAndDeploy"
        run_order       = 2
        category        = "Build"
        owner           = "AWS"
        provider        = "CodeBuild"
        version         = "1"
        namespace       = "Build_${local.stages[stage.value]}"
        input_artifacts = ["Source"]
        configuration = {
          ProjectName          = var.build_project
          EnvironmentVariables = jsonencode([{ name = "SERVICE", value = stage.value }])
        }
      }

      action {
        name      = "Promote"
        run_order = 3
        category  = "Invoke"
        owner     = "AWS"
        provider  = "Lambda"
        version   = "1"
        configuration = {
          FunctionName = aws_lambda_function.shipmark.function_name
          UserParameters = jsonencode({
            do        = "promote"
            candidate = "#{D.SHIPMARK_CANDIDATE_${local.stages[stage.value]}}"
            outputs   = { IMAGE_URI = "#{Build_${local.stages[stage.value]}.IMAGE_URI}" }
          })
        }
      }
    }
  }

  # Never skipped.
  stage {
    name = "Confirm"
    action {
      name     = "Confirm"
      category = "Invoke"
      owner    = "AWS"
      provider = "Lambda"
      version  = "1"
      configuration = {
        FunctionName   = aws_lambda_function.shipmark.function_name
        UserParameters = jsonencode({ do = "promote", claims = "#{D.SHIPMARK_CANDIDATE}" })
      }
    }
  }
}
