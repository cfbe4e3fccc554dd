# The roles of each pipeline and of its builds. What a build may do with the state is in state.tf.json, as `shipmark doctor --print
# terraform` prints it for this project and table. Both pipelines use that policy: deploying one server deploys the other again.

data "aws_iam_policy_document" "trust" {
  for_each = toset(["codebuild", "codepipeline"])

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "build" {
  for_each           = var.servers
  name_prefix        = "${each.key}-build-"
  assume_role_policy = data.aws_iam_policy_document.trust["codebuild"].json
}

resource "aws_iam_role_policy_attachment" "state" {
  for_each   = var.servers
  role       = aws_iam_role.build[each.key].name
  policy_arn = aws_iam_policy.shipmark_build.arn
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each   = var.servers
  role       = aws_iam_role.build[each.key].name
  policy_arn = var.deploy_policy_arn
}

data "aws_iam_policy_document" "build" {
  for_each = var.servers

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.arn}:logs:${var.region}:${local.account}:log-group:/aws/codebuild/${var.stack_name}-${each.key}:*"]
  }

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]
  }

  statement {
    sid       = "ToolImage"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = ["${local.arn}:ecr:${var.region}:${local.account}:repository/${var.build_image.repository}"]
  }

  statement {
    sid     = "Login"
    actions = ["ecr:GetAuthorizationToken"]
    # It has no resource.
    resources = ["*"]
  }

  statement {
    sid = "Images"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = ["${local.arn}:ecr:${var.region}:${local.account}:repository/${each.value.image_repository}"]
  }
}

resource "aws_iam_role_policy" "build" {
  for_each = var.servers
  name     = "build"
  role     = aws_iam_role.build[each.key].id
  policy   = data.aws_iam_policy_document.build[each.key].json
}

resource "aws_iam_role" "pipeline" {
  for_each           = var.servers
  name_prefix        = "${each.key}-pipeline-"
  assume_role_policy = data.aws_iam_policy_document.trust["codepipeline"].json
}

data "aws_iam_policy_document" "pipeline" {
  for_each = var.servers

  statement {
    sid       = "Source"
    actions   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
    resources = [var.connection_arn]
  }

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]
  }

  statement {
    sid       = "ArtifactBucket"
    actions   = ["s3:GetBucketLocation", "s3:GetBucketVersioning"]
    resources = [aws_s3_bucket.artifacts.arn]
  }

  statement {
    sid       = "Builds"
    actions   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
    resources = [aws_codebuild_project.server[each.key].arn]
  }
}

resource "aws_iam_role_policy" "pipeline" {
  for_each = var.servers
  name     = "pipeline"
  role     = aws_iam_role.pipeline[each.key].id
  policy   = data.aws_iam_policy_document.pipeline[each.key].json
}
