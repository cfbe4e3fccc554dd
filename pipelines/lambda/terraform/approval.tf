# Build, approval, deploy, as ../approval.yml, a pipeline for each service. The approval is an action of the stage that deploys, before `begin`: so
# it is skipped with it, and while it waits no other execution enters the stage.
resource "aws_codepipeline" "approval" {
  for_each       = var.flow == "approval" ? local.stages : {}
  name           = "shop-${each.key}"
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

  # Without a condition: what fails here stops the execution, and nothing is skipped.
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
          services    = [each.key]
          execution   = "#{codepipeline.PipelineExecutionId}"
          revision    = "#{SourceVariables.CommitId}"
        })
      }
    }
  }

  stage {
    name = "Build"

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
            Variable = "#{D.BUILD_SKIPPED_${each.value}}"
            Operator = "NE"
            Value    = "true"
          }
        }
      }
    }

    action {
      name            = "Build"
      run_order       = 1
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      namespace       = "Built"
      input_artifacts = ["Source"]
      configuration = {
        ProjectName          = var.build_project
        EnvironmentVariables = jsonencode([{ name = "SERVICE", value = each.key }, { name = "STEP", value = "build" }])
      }
    }
  }

  stage {
    name = "Deploy"

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
            Variable = "#{D.BUILD_SKIPPED_${each.value}}"
            Operator = "NE"
            Value    = "true"
          }
        }
      }
    }

    action {
      name          = "Approve"
      run_order     = 1
      category      = "Approval"
      owner         = "AWS"
      provider      = "Manual"
      version       = "1"
      configuration = { CustomData = "#{D.BUILD_REVISION}: #{D.BUILD_REASON_${each.value}}" }
    }

    action {
      name      = "Begin"
      run_order = 2
      category  = "Invoke"
      owner     = "AWS"
      provider  = "Lambda"
      version   = "1"
      configuration = {
        FunctionName   = aws_lambda_function.shipmark.function_name
        UserParameters = jsonencode({ do = "begin", candidate = "#{D.SHIPMARK_CANDIDATE_${each.value}}" })
      }
    }

    action {
      name            = "Deploy"
      run_order       = 3
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      namespace       = "Deployed"
      input_artifacts = ["Source"]
      configuration = {
        ProjectName = var.build_project
        EnvironmentVariables = jsonencode([
          { name = "SERVICE", value = each.key },
          { name = "STEP", value = "deploy" },
          { name = "IMAGE_URI", value = "#{Built.IMAGE_URI}" },
        ])
      }
    }

    action {
      name      = "Promote"
      run_order = 4
      category  = "Invoke"
      owner     = "AWS"
      provider  = "Lambda"
      version   = "1"
      configuration = {
        FunctionName = aws_lambda_function.shipmark.function_name
        UserParameters = jsonencode({
          do        = "promote"
          candidate = "#{D.SHIPMARK_CANDIDATE_${each.value}}"
          outputs   = { IMAGE_URI = "#{Built.IMAGE_URI}" }
        })
      }
    }
  }

  # Never skipped: the skip must still hold, or the stage must have begun.
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
        UserParameters = jsonencode({ do = "promote", claims = "#{D.SHIPMARK_CANDIDATE_${each.value}}" })
      }
    }
  }
}
