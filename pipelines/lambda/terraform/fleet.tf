# The fleet, as ../fleet.yml: one small pipeline decides for all services, and starts the pipelines of those that build. A service's pipeline never
# runs by itself, has no condition, and is nothing but begin, build and deploy, promote. The function may start pipelines whose names begin
# with the project's and a hyphen.
resource "aws_codepipeline" "decider" {
  count          = var.flow == "fleet" ? 1 : 0
  name           = var.project
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
          execution   = "#{codepipeline.PipelineExecutionId}"
          revision    = "#{SourceVariables.CommitId}"
        })
      }
    }
  }

  # It fails if a skip no longer holds by then, as after a retry.
  stage {
    name = "Start"
    action {
      name     = "Start"
      category = "Invoke"
      owner    = "AWS"
      provider = "Lambda"
      version  = "1"
      configuration = {
        FunctionName = aws_lambda_function.shipmark.function_name
        UserParameters = jsonencode({
          do        = "start"
          candidate = "#{D.SHIPMARK_CANDIDATE}"
          pipelines = "${var.project}-{service}"
          revisions = { Source = "#{SourceVariables.CommitId}" }
        })
      }
    }
  }
}

resource "aws_codepipeline" "fleet" {
  for_each       = var.flow == "fleet" ? local.stages : {}
  name           = "${var.project}-${each.key}"
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

  # `begin` refuses `false`: an execution that nobody decided does not deploy.
  variable {
    name          = "SERVICE"
    default_value = "none"
    description   = "The service that is deployed"
  }

  variable {
    name          = "SHIPMARK_CANDIDATE"
    default_value = "false"
    description   = "What was decided"
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
        # Only the deciding pipeline starts it.
        DetectChanges = "false"
      }
    }
  }

  stage {
    name = "Deploy"
    action {
      name      = "Begin"
      run_order = 1
      category  = "Invoke"
      owner     = "AWS"
      provider  = "Lambda"
      version   = "1"
      configuration = {
        FunctionName   = aws_lambda_function.shipmark.function_name
        UserParameters = jsonencode({ do = "begin", candidate = "#{variables.SHIPMARK_CANDIDATE}" })
      }
    }

    action {
      name            = "BuildAndDeploy"
      run_order       = 2
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      namespace       = "Built"
      input_artifacts = ["Source"]
      configuration = {
        ProjectName          = var.build_project
        EnvironmentVariables = jsonencode([{ name = "SERVICE", value = each.key }])
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
          candidate = "#{variables.SHIPMARK_CANDIDATE}"
          outputs   = { IMAGE_URI = "#{Built.IMAGE_URI}" }
        })
      }
    }
  }
}
