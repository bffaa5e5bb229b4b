using System.CommandLine;
using System.Text.Json.Nodes;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Commands;

/// <summary>A debug page of a running control plane, as a command prints it.</summary>
/// <param name="name">The page's name below <c>/debug</c>.</param>
/// <param name="table">How people read it.</param>
/// <param name="select">What of it is asked for, or null when there is no such thing; all of it by default.</param>
internal sealed class DebugPage(string name, Func<JsonNode, string> table, Func<ParseResult, JsonNode, JsonNode?>? select = null)
{
    private readonly MeshAddress _mesh = new();
    private readonly OutputOption _output = new();

    /// <summary>Gives a command its options and has it print the page.</summary>
    public void AddTo(Command command)
    {
        _mesh.AddTo(command);
        _output.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(() => PrintAsync(parsed, cancellation), () => _mesh.NameOf(parsed)));
    }

    /// <summary>Writes rows with their columns below each other.</summary>
    public static void Write(TextWriter text, string[][] rows)
    {
        text.Write(OutputOption.Table(rows));
        text.WriteLine();
    }

    private async Task<int> PrintAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var mesh = await _mesh.OpenAsync(parsed, cancellation).ConfigureAwait(false);
        var page = await RunningMesh.ReadAsync(mesh.Replicas[0], name, cancellation).ConfigureAwait(false);
        if ((select ?? ((_, all) => all))(parsed, page) is not { } selected)
        {
            return ExitCode.UnusableInput;
        }

        Console.Out.Write(_output.Format(parsed, selected, () => table(selected)));
        return ExitCode.Ok;
    }
}
