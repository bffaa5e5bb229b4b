using OsmExt.Testing.Simulation;
using System.CommandLine;
using System.Text.Json;
using OsmExt.Cli.Simulation;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Yaml;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm simulate</c>: decides a request without sending it.</summary>
internal static class SimulateCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the exit codes mean, for the commands that decide.</summary>
    public const string ExitCodes = 
        "Exit code 0: allowed; 1: denied, also where only some of the ways it may take deny it; "
        + "2: the input cannot be used; 4: undecided.";

    /// <summary>Makes the command.</summary>
    public static Command Create()
        => Create("simulate",
            $"Say what becomes of a request, by the Envoy configuration the manifests mean, with every element it passes. {ExitCodes}",
            static (decision, _, _) => DecisionTable.Of(decision), static (_, _, _) => null);

    /// <summary>A command that decides a request.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">Its description.</param>
    /// <param name="table">The decision as text.</param>
    /// <param name="sentence">What the document says beside the decision; null for nothing.</param>
    public static Command Create(
        string name, string description,
        Func<Decision, ResourceSnapshot, Explained, string> table, Func<Decision, ResourceSnapshot, Explained, string?> sentence)
    {
        var mesh = new MeshOptions();
        var request = new RequestOptions();
        var output = new Option<string>("--output", "-o") { Description = "table or json.", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command(name, description) { output };
        mesh.AddTo(command);
        var dumps = new DumpOption();
        dumps.AddTo(command);
        request.AddTo(command);
        command.SetAction(parsed =>
        {
            var plugins = mesh.LoadPlugins(parsed);
            var snapshot = Manifests.Load(parsed.GetRequiredValue(mesh.Config), plugins);
            if (!Manifests.IsUsable(snapshot))
            {
                Console.Error.WriteLine("osm: the manifests cannot be used; osm translate says why");
                return ExitCode.UnusableInput;
            }

            if (dumps.Apply(parsed, CompiledMesh.Of(snapshot, mesh.Compiler(parsed), plugins: plugins), out var useless) is not { } simulated)
            {
                Console.Error.WriteLine($"osm: {useless}");
                return ExitCode.UnusableInput;
            }

            var text = request.Read(parsed);
            if (text.Decide(simulated, out var problem) is not { } decision)
            {
                var closest = Suggestion.Closest(text.From, [.. simulated.Pods.Select(pod => pod.ToString())]);
                Console.Error.WriteLine($"osm: {problem}{(closest is null ? "" : $"; did you mean {closest}?")}");
                return ExitCode.UnusableInput;
            }

            var explained = new Explained(simulated, text);
            if (parsed.GetRequiredValue(output) == "json")
            {
                var document = DecisionDocument.Of(decision);
                if (sentence(decision, snapshot, explained) is { } why)
                {
                    document.Insert(0, "why", why);
                }

                Console.Out.Write(document.ToJsonString(Indented) + "\n");
            }
            else
            {
                Console.Out.Write(table(decision, snapshot, explained));
            }

            return decision.Verdict switch
            {
                Verdict.Allow => ExitCode.Ok,
                Verdict.Deny => ExitCode.Denied,
                _ => ExitCode.Undecided,
            };
        });
        return command;
    }
}
