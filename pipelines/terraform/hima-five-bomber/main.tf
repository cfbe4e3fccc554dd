# One pipeline for a frontend, a backend whose image serves all Lambdas, and its questions. It goes with config/hima-five-bomber.toml.
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
  region = local.region
}

locals {
  region = "ap-northeast-1"
  # state.tf.json is for this one: shipmark doctor --print terraform --project hima-five-bomber --environment prod
  environment = "prod"
}

variable "common" {
  description = "The connection, the build image and the like: see ../modules/pipelines/variables.tf."
  type        = any
}

variable "site" {
  description = "The bucket of the frontend, the one of the questions, and the CloudFront distribution before the former."
  type        = object({ bucket = string, data_bucket = string, distribution_id = string })
}

module "pipelines" {
  source      = "../modules/pipelines"
  name        = "game"
  region      = local.region
  environment = local.environment
  common      = var.common

  state = {
    url        = "dynamodb://${aws_dynamodb_table.shipmark.name}?region=${local.region}"
    policy_arn = aws_iam_policy.shipmark_build.arn
  }

  pipelines = {
    app = {
      buildspec = "buildspec-examples/frontend-lambda.yml"
      images    = ["game-backend"]
      variables = {
        SITE_BUCKET     = var.site.bucket
        DATA_BUCKET     = var.site.data_bucket
        DISTRIBUTION_ID = var.site.distribution_id
      }
    }
  }
}
