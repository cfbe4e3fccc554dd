output "pipelines" {
  description = "The names of the pipelines, for `[environments.NAME] pipelines` of the map."
  value       = [for pipeline in aws_codepipeline.pipeline : pipeline.name]
}
