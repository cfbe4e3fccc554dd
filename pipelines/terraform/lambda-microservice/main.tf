# One pipeline for three runtimes and a gateway on Kubernetes. It goes with config/lambda-microservice.toml. The builds reach the cluster
# with what `common.deploy_policy_arn` allows and the cluster's own access entries grant.
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
  # state.tf.json is for this one: shipmark doctor --print terraform --project lambda-microservice --environment prod
  environment = "prod"
}

variable "common" {
  description = "The connection, the build image and the like: see ../modules/pipelines/variables.tf."
  type        = any
}

module "pipelines" {
  source      = "../modules/pipelines"
  name        = "faas"
  region      = local.region
  environment = local.environment
  common      = var.common

  state = {
    url        = "dynamodb://${aws_dynamodb_table.shipmark.name}?region=${local.region}"
    policy_arn = aws_iam_policy.shipmark_build.arn
  }

  pipelines = {
    runtimes = {
      buildspec = "buildspec-examples/three-runtimes.yml"
      images    = ["gateway", "runtime-nodejs", "runtime-python", "runtime-rust"]
    }
  }
}
