# The roles of each pipeline and of its builds. What a build may do with the state is the policy `state.policy_arn`. All pipelines of an
# environment use it: deploying one server may deploy another again.

data "aws_iam_policy_document" "trust" {
  for_each = toset(["codebuild", "codepipeline"])

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }

    # For nobody else's projects.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "build" {
  for_each           = var.pipelines
  name_prefix        = "${var.name}-${each.key}-build-"
  assume_role_policy = data.aws_iam_policy_document.trust["codebuild"].json

  permissions_boundary = var.common.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "state" {
  for_each   = var.pipelines
  role       = aws_iam_role.build[each.key].name
  policy_arn = var.state.policy_arn
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each   = var.pipelines
  role       = aws_iam_role.build[each.key].name
  policy_arn = var.common.deploy_policy_arn
}

# Whoever handles artifacts handles their key too.
data "aws_iam_policy_document" "key" {
  dynamic "statement" {
    for_each = var.common.kms_key_arn == null ? [] : [var.common.kms_key_arn]
    iterator = key

    content {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      resources = [key.value]
    }
  }
}

data "aws_iam_policy_document" "build" {
  for_each                = var.pipelines
  source_policy_documents = [data.aws_iam_policy_document.key.json]

  # The group is there, so nothing needs to make it.
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.build[each.key].arn}:*"]
  }

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]
  }

  statement {
    sid       = "ArtifactBucket"
    actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation"]
    resources = [aws_s3_bucket.artifacts.arn]
  }

  statement {
    sid       = "ToolImage"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = ["${local.arn}:ecr:${var.region}:${local.account}:repository/${var.common.build_image.repository}"]
  }

  statement {
    sid     = "Login"
    actions = ["ecr:GetAuthorizationToken"]
    # It has no resource.
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = each.value.images
    iterator = image

    content {
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
      resources = ["${local.arn}:ecr:${var.region}:${local.account}:repository/${image.value}"]
    }
  }
}

resource "aws_iam_role_policy" "build" {
  for_each = var.pipelines
  name     = "build"
  role     = aws_iam_role.build[each.key].id
  policy   = data.aws_iam_policy_document.build[each.key].json
}

resource "aws_iam_role" "pipeline" {
  for_each           = var.pipelines
  name_prefix        = "${var.name}-${each.key}-pl-"
  assume_role_policy = data.aws_iam_policy_document.trust["codepipeline"].json

  permissions_boundary = var.common.permissions_boundary_arn
}

# The service was renamed, and its two actions want ARNs of their own; one connection has both.
locals {
  connection_id = split(":connection/", var.common.connection_arn)[1]
}

data "aws_iam_policy_document" "pipeline" {
  for_each                = var.pipelines
  source_policy_documents = [data.aws_iam_policy_document.key.json]

  statement {
    sid     = "Source"
    actions = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
    resources = [
      var.common.connection_arn,
      "${local.arn}:codeconnections:${var.region}:${local.account}:connection/${local.connection_id}",
      "${local.arn}:codestar-connections:${var.region}:${local.account}:connection/${local.connection_id}",
    ]
  }

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account]
    }
  }

  statement {
    sid       = "ArtifactBucket"
    actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"]
    resources = [aws_s3_bucket.artifacts.arn]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account]
    }
  }

  statement {
    sid       = "Builds"
    actions   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
    resources = [aws_codebuild_project.build[each.key].arn]
  }
}

resource "aws_iam_role_policy" "pipeline" {
  for_each = var.pipelines
  name     = "pipeline"
  role     = aws_iam_role.pipeline[each.key].id
  policy   = data.aws_iam_policy_document.pipeline[each.key].json
}
