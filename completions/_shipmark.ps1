
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'shipmark' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'shipmark'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'shipmark' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('decide', 'decide', [CompletionResultType]::ParameterValue, 'Decide which services to build, in a build that will deploy them: opens attempts, prints the decisions')
            [CompletionResult]::new('record', 'record', [CompletionResultType]::ParameterValue, 'Record a deploy, after it succeeded')
            [CompletionResult]::new('adopt', 'adopt', [CompletionResultType]::ParameterValue, 'Say which commit is deployed already, outside of a build: shows what would be recorded, and records it with --yes')
            [CompletionResult]::new('stage', 'stage', [CompletionResultType]::ParameterValue, 'Keep a candidate at the end of a build whose deploy is a later pipeline stage')
            [CompletionResult]::new('begin', 'begin', [CompletionResultType]::ParameterValue, 'Say that the deploy of a candidate begins: the first action of the deploy stage')
            [CompletionResult]::new('promote', 'promote', [CompletionResultType]::ParameterValue, 'Record the deploy of a candidate: the last action of the deploy stage')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Decide, run a command for each service that must be built, and record the deploys')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what would build and why, without opening an attempt')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a first map: looks at Dockerfiles, workspaces, packages, templates and Terraform in the source')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show which services paths belong to, by which rules and dependencies, what excludes them, or what nearly includes them')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Lint the map against the tree and run its `[[expect]]` tests')
            [CompletionResult]::new('observe', 'observe', [CompletionResultType]::ParameterValue, 'Run a build and report which files of the source it read that the rules do not cover')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Run the rules over real history: what would have been built, skipped, lost, or decided otherwise by another map')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what is deployed where, since when, how far behind the source, and what is open or uncertain')
            [CompletionResult]::new('taint', 'taint', [CompletionResultType]::ParameterValue, 'Say that something else is deployed than what was recorded: the next decision builds')
            [CompletionResult]::new('output', 'output', [CompletionResultType]::ParameterValue, 'Print a recorded output')
            [CompletionResult]::new('state', 'state', [CompletionResultType]::ParameterValue, 'Move, keep and repair the state')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check the store, one thing after the other, and say what to do; exit 1 if something failed')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the man page of the program or of a command')
            [CompletionResult]::new('lambda', 'lambda', [CompletionResultType]::ParameterValue, 'Serve as a Lambda function: decides, begins, promotes, starts and taints as actions of a pipeline')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'shipmark;decide' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Whatever names the source; only shown [default: $CODEBUILD_RESOLVED_SOURCE_VERSION, else git''s HEAD]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Build, whatever is recorded: all, or these services (also SHIPMARK_FORCE=1, or the names)')
            [CompletionResult]::new('--execution', '--execution', [CompletionResultType]::ParameterName, 'The pipeline execution, `#{codepipeline.PipelineExecutionId}` (also SHIPMARK_EXECUTION)')
            [CompletionResult]::new('--extra', '--extra', [CompletionResultType]::ParameterName, 'An input that is not a file, e.g. the digest of a base image')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'A command for `sh` that is run for each service that would be skipped or reused, with $SHIPMARK_SERVICE and its recorded outputs; if it fails, the service builds')
            [CompletionResult]::new('--ticket', '--ticket', [CompletionResultType]::ParameterName, 'Where the ticket for `record` and `stage` is kept [default: in a build, a file of that build in the temporary directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the decisions are written')
            [CompletionResult]::new('--stage', '--stage', [CompletionResultType]::ParameterName, 'Stage what builds at once, for a deploy stage that builds it later; what is skipped gets a claim, which `promote` confirms')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the decisions to this file instead of standard output')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--all-changes', '--all-changes', [CompletionResultType]::ParameterName, 'List all changes and unowned files in JSON, not the first 100')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse (exit 3) where something could not be read, instead of building')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;record' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What was made, handed back when a later build is skipped, e.g. an image digest; with several services SERVICE:NAME=VALUE')
            [CompletionResult]::new('--execution', '--execution', [CompletionResultType]::ParameterName, 'The pipeline execution (also SHIPMARK_EXECUTION)')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Whatever names the source; only shown [default: as decided]')
            [CompletionResult]::new('--extra', '--extra', [CompletionResultType]::ParameterName, 'An input that is not a file; must be as decided')
            [CompletionResult]::new('--outcome', '--outcome', [CompletionResultType]::ParameterName, 'How the build ended [default: as CODEBUILD_BUILD_SUCCEEDING says]; whatever is not `success` may have deployed something')
            [CompletionResult]::new('--ticket', '--ticket', [CompletionResultType]::ParameterName, 'The ticket that `decide` wrote')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All services that were decided in this build')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;adopt' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--from-git', '--from-git', [CompletionResultType]::ParameterName, 'The commit that is deployed')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What was made, handed back when a build is skipped; with several services SERVICE:NAME=VALUE')
            [CompletionResult]::new('--outputs', '--outputs', [CompletionResultType]::ParameterName, 'A file with such outputs, one in a line')
            [CompletionResult]::new('--extra', '--extra', [CompletionResultType]::ParameterName, 'An input that is not a file')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All services of the map')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Record it, and do not only show it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;stage' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What was made, handed back when a later build is skipped, e.g. an image digest; with several services SERVICE:NAME=VALUE')
            [CompletionResult]::new('--execution', '--execution', [CompletionResultType]::ParameterName, 'The pipeline execution (also SHIPMARK_EXECUTION)')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Whatever names the source; only shown [default: as decided]')
            [CompletionResult]::new('--extra', '--extra', [CompletionResultType]::ParameterName, 'An input that is not a file; must be as decided')
            [CompletionResult]::new('--outcome', '--outcome', [CompletionResultType]::ParameterName, 'How the build ended [default: as CODEBUILD_BUILD_SUCCEEDING says]; whatever is not `success` may have deployed something')
            [CompletionResult]::new('--ticket', '--ticket', [CompletionResultType]::ParameterName, 'The ticket that `decide` wrote')
            [CompletionResult]::new('--stage', '--stage', [CompletionResultType]::ParameterName, 'The name of the deploy stage, where one service is staged for several [default: the service]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the candidates are written')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All services that were decided in this build')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;begin' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--candidate', '--candidate', [CompletionResultType]::ParameterName, 'What `stage` or `decide --stage` printed')
            [CompletionResult]::new('--stage', '--stage', [CompletionResultType]::ParameterName, 'The deploy stage that it was staged for, with --execution')
            [CompletionResult]::new('--execution', '--execution', [CompletionResultType]::ParameterName, 'The pipeline execution that staged it; then name the services too')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;promote' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--candidate', '--candidate', [CompletionResultType]::ParameterName, 'What `stage` or `decide --stage` printed')
            [CompletionResult]::new('--stage', '--stage', [CompletionResultType]::ParameterName, 'The deploy stage that it was staged for, with --execution')
            [CompletionResult]::new('--execution', '--execution', [CompletionResultType]::ParameterName, 'The pipeline execution that staged it; then name the services too')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What was made, where it was built after it was staged')
            [CompletionResult]::new('--claims', '--claims', [CompletionResultType]::ParameterName, 'Behind stages that may have been skipped: each skip must still hold, and what was to be built must have begun')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'The deploy has failed: whatever it has deployed is in doubt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;run' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many commands run at once. Each starts once those of the services that it depends on have succeeded')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Whatever names the source; only shown [default: $CODEBUILD_RESOLVED_SOURCE_VERSION, else git''s HEAD]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Build, whatever is recorded: all, or these services (also SHIPMARK_FORCE=1, or the names)')
            [CompletionResult]::new('--execution', '--execution', [CompletionResultType]::ParameterName, 'The pipeline execution, `#{codepipeline.PipelineExecutionId}` (also SHIPMARK_EXECUTION)')
            [CompletionResult]::new('--extra', '--extra', [CompletionResultType]::ParameterName, 'An input that is not a file, e.g. the digest of a base image')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'A command for `sh` that is run for each service that would be skipped or reused, with $SHIPMARK_SERVICE and its recorded outputs; if it fails, the service builds')
            [CompletionResult]::new('--ticket', '--ticket', [CompletionResultType]::ParameterName, 'Where the ticket for `record` and `stage` is kept [default: in a build, a file of that build in the temporary directory]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All services of the map that exist in the environment, or all in $SHIPMARK_CANDIDATE')
            [CompletionResult]::new('--no-record', '--no-record', [CompletionResultType]::ParameterName, 'Leave the attempts open, for `record` or `stage` later in the build. Otherwise each deploy is recorded as soon as its command succeeds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;plan' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'The commit to plan for [default: the working tree, as `git add -A` would see it]; one that is not here is fetched')
            [CompletionResult]::new('--base', '--base', [CompletionResultType]::ParameterName, 'Compare the working tree, or --revision, with this commit instead of what is deployed; needs no store. `REV...` means the merge base, where the branch started; 0000… a new branch, on which everything builds. A commit that is not here is fetched')
            [CompletionResult]::new('--service', '--service', [CompletionResultType]::ParameterName, 'The same as SERVICE')
            [CompletionResult]::new('--extra', '--extra', [CompletionResultType]::ParameterName, 'An input that is not a file')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'What `decide --verify` would run: it is only said where that would be')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the plan is written')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'For each service why it builds or is skipped: by which chain of dependencies, what changed besides, what to do')
            [CompletionResult]::new('--all-environments', '--all-environments', [CompletionResultType]::ParameterName, 'All environments of the map, side by side')
            [CompletionResult]::new('--print-map', '--print-map', [CompletionResultType]::ParameterName, 'Print the map with all that it includes and discovers written out, and plan nothing')
            [CompletionResult]::new('--all-changes', '--all-changes', [CompletionResultType]::ParameterName, 'List all changes and unowned files, not the first')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;init' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the map to this file [default: shipmark.toml in the source]')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Print the map instead of writing it')
            [CompletionResult]::new('--observed', '--observed', [CompletionResultType]::ParameterName, 'Take in what observed builds have read, as `observe` kept it in `observed/` beside the map')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite a map that is there')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;explain' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How it is written')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as --format json')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;check' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Check this template of a pipeline against the map, instead of the map; repeatable. CloudFormation in YAML or JSON, what `cdk synth` writes, or the output of `terraform show -json`')
            [CompletionResult]::new('--parameter', '--parameter', [CompletionResultType]::ParameterName, 'The value of a parameter of the templates; repeatable')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the findings are written')
            [CompletionResult]::new('--deny', '--deny', [CompletionResultType]::ParameterName, 'Fail where this is found, whatever the map says; repeatable')
            [CompletionResult]::new('--warn', '--warn', [CompletionResultType]::ParameterName, 'Tell this and do not fail; repeatable')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'Do not tell this; repeatable')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Say what a code means and what to do, and check nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Add the inputs that services lack to the map, then check it; nothing that would build less is changed')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List the codes with their levels, and check nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;observe' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'What watches the build')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the report is written, on standard output; what the command prints goes to standard error')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--deny', '--deny', [CompletionResultType]::ParameterName, 'Exit with 4 if the command succeeds and has read something that the rules do not cover')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;replay' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'The newest commit [default: HEAD]')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only commits that are not in the history of this one')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'Only so many commits, the newest')
            [CompletionResult]::new('--against', '--against', [CompletionResultType]::ParameterName, 'Compare with the decisions of another map')
            [CompletionResult]::new('--fail-rate', '--fail-rate', [CompletionResultType]::ParameterName, 'Let builds fail this often, from 0 to 1, and say what a `HEAD~1` rule would have lost')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'What the random failures begin with: the same seed, the same failures')
            [CompletionResult]::new('--minutes', '--minutes', [CompletionResultType]::ParameterName, 'How long a build takes, of one service or of all that are not named')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How it is written')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write a page to look at: one file that needs no network')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--observed', '--observed', [CompletionResultType]::ParameterName, 'Compare with what observed builds read: which past commits would the rules have skipped falsely?')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as --format json')
            [CompletionResult]::new('--all-changes', '--all-changes', [CompletionResultType]::ParameterName, 'List all flips and lost deploys, not the first')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;status' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--max-age', '--max-age', [CompletionResultType]::ParameterName, 'Exit 4 if a deploy is older than this, uncertain or missing')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write one page to pin to a wall')
            [CompletionResult]::new('--price', '--price', [CompletionResultType]::ParameterName, 'The price of a build minute, for what skipping saves')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How it is written')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--all-environments', '--all-environments', [CompletionResultType]::ParameterName, 'All environments of the map, side by side')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'The last deploys instead: revision, date, build, outputs, certain or not')
            [CompletionResult]::new('--shadow', '--shadow', [CompletionResultType]::ParameterName, 'What shadow builds showed instead: how much skipping would have saved, and which outputs contradict a skip')
            [CompletionResult]::new('--clear', '--clear', [CompletionResultType]::ParameterName, 'Forget the shadow counts and contradictions, once they are explained')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as --format json')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;taint' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for those who ask later')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--nothing-running', '--nothing-running', [CompletionResultType]::ParameterName, 'You have made sure that no other build or deploy of it is running or waiting: the list of attempts is emptied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;output' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'What to print where nothing is recorded, instead of exit 4')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;state' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write all that is kept as lines of JSON: a backup, or the way to another store')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take in what `state export` wrote. Imported deploys are uncertain, so the next decisions build, unless --trusted')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Forget all that is kept of services: their next decision builds')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'shipmark;state;export' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write to this file instead of standard output')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;state;import' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--trusted', '--trusted', [CompletionResultType]::ParameterName, 'You have made sure that what is certain in the export is still what is live: it stays certain')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Overwrite the marks that are there already')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;state;rm' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--orphans', '--orphans', [CompletionResultType]::ParameterName, 'The marks of services that the map does not have')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All services that have a mark')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;state;help' {
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write all that is kept as lines of JSON: a backup, or the way to another store')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take in what `state export` wrote. Imported deploys are uncertain, so the next decisions build, unless --trusted')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Forget all that is kept of services: their next decision builds')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'shipmark;state;help;export' {
            break
        }
        'shipmark;state;help;import' {
            break
        }
        'shipmark;state;help;rm' {
            break
        }
        'shipmark;state;help;help' {
            break
        }
        'shipmark;doctor' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Print the policies, and what else the store needs, instead of asking it')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How it is written')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--create', '--create', [CompletionResultType]::ParameterName, 'Make the DynamoDB table if it is missing, and turn on what is off in it; a bucket is only checked')
            [CompletionResult]::new('--read-only', '--read-only', [CompletionResultType]::ParameterName, 'Only read, as a laptop does: neither try writes nor need permission for them')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as --format json')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;completions' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;man' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;lambda' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project, the first part of every key [default: the map''s, else `default`]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map''s, else file:.shipmark/state]')
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Whose deploy it is, where no CodeBuild build says so: a pipeline''s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How messages are written on standard error')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More messages; twice for all')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Errors only')
            [CompletionResult]::new('--job', '--job', [CompletionResultType]::ParameterName, 'Do the work of one event, which is read from standard input: what the function starts for each event')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'shipmark;help' {
            [CompletionResult]::new('decide', 'decide', [CompletionResultType]::ParameterValue, 'Decide which services to build, in a build that will deploy them: opens attempts, prints the decisions')
            [CompletionResult]::new('record', 'record', [CompletionResultType]::ParameterValue, 'Record a deploy, after it succeeded')
            [CompletionResult]::new('adopt', 'adopt', [CompletionResultType]::ParameterValue, 'Say which commit is deployed already, outside of a build: shows what would be recorded, and records it with --yes')
            [CompletionResult]::new('stage', 'stage', [CompletionResultType]::ParameterValue, 'Keep a candidate at the end of a build whose deploy is a later pipeline stage')
            [CompletionResult]::new('begin', 'begin', [CompletionResultType]::ParameterValue, 'Say that the deploy of a candidate begins: the first action of the deploy stage')
            [CompletionResult]::new('promote', 'promote', [CompletionResultType]::ParameterValue, 'Record the deploy of a candidate: the last action of the deploy stage')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Decide, run a command for each service that must be built, and record the deploys')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what would build and why, without opening an attempt')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a first map: looks at Dockerfiles, workspaces, packages, templates and Terraform in the source')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show which services paths belong to, by which rules and dependencies, what excludes them, or what nearly includes them')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Lint the map against the tree and run its `[[expect]]` tests')
            [CompletionResult]::new('observe', 'observe', [CompletionResultType]::ParameterValue, 'Run a build and report which files of the source it read that the rules do not cover')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Run the rules over real history: what would have been built, skipped, lost, or decided otherwise by another map')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what is deployed where, since when, how far behind the source, and what is open or uncertain')
            [CompletionResult]::new('taint', 'taint', [CompletionResultType]::ParameterValue, 'Say that something else is deployed than what was recorded: the next decision builds')
            [CompletionResult]::new('output', 'output', [CompletionResultType]::ParameterValue, 'Print a recorded output')
            [CompletionResult]::new('state', 'state', [CompletionResultType]::ParameterValue, 'Move, keep and repair the state')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check the store, one thing after the other, and say what to do; exit 1 if something failed')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the man page of the program or of a command')
            [CompletionResult]::new('lambda', 'lambda', [CompletionResultType]::ParameterValue, 'Serve as a Lambda function: decides, begins, promotes, starts and taints as actions of a pipeline')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'shipmark;help;decide' {
            break
        }
        'shipmark;help;record' {
            break
        }
        'shipmark;help;adopt' {
            break
        }
        'shipmark;help;stage' {
            break
        }
        'shipmark;help;begin' {
            break
        }
        'shipmark;help;promote' {
            break
        }
        'shipmark;help;run' {
            break
        }
        'shipmark;help;plan' {
            break
        }
        'shipmark;help;init' {
            break
        }
        'shipmark;help;explain' {
            break
        }
        'shipmark;help;check' {
            break
        }
        'shipmark;help;observe' {
            break
        }
        'shipmark;help;replay' {
            break
        }
        'shipmark;help;status' {
            break
        }
        'shipmark;help;taint' {
            break
        }
        'shipmark;help;output' {
            break
        }
        'shipmark;help;state' {
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write all that is kept as lines of JSON: a backup, or the way to another store')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take in what `state export` wrote. Imported deploys are uncertain, so the next decisions build, unless --trusted')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Forget all that is kept of services: their next decision builds')
            break
        }
        'shipmark;help;state;export' {
            break
        }
        'shipmark;help;state;import' {
            break
        }
        'shipmark;help;state;rm' {
            break
        }
        'shipmark;help;doctor' {
            break
        }
        'shipmark;help;completions' {
            break
        }
        'shipmark;help;man' {
            break
        }
        'shipmark;help;lambda' {
            break
        }
        'shipmark;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
