using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.ControlPlane.Options;
using OsmExt.Yaml;

namespace OsmExt.Cli.Commands;

/// <summary>A debug page of a running control plane, as a command prints it.</summary>
/// <param name="name">The page's name below <c>/debug</c>.</param>
/// <param name="table">How people read it.</param>
/// <param name="select">What of it is asked for, or null when there is no such thing; all of it by default.</param>
internal sealed class DebugPage(string name, Func<JsonNode, string> table, Func<ParseResult, JsonNode, JsonNode?>? select = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly IPEndPoint Fallback = new ControlPlaneOptions().DebugAddress;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Option<DnsEndPoint?> _address = new("--debug-address")
    {
        Description = $"Where the control plane's debug pages are. Default: {Fallback}.",
        CustomParser = Endpoint.ParseHost,
        HelpName = "HOST:PORT",
    };

    private readonly Option<string> _output = new("--output", "-o") { Description = "The format.", DefaultValueFactory = _ => "table", HelpName = "table|json|yaml" };

    /// <summary>Gives a command its options and has it print the page.</summary>
    public void AddTo(Command command)
    {
        _output.AcceptOnlyFromAmong("table", "json", "yaml");
        command.Options.Add(_address);
        command.Options.Add(_output);
        command.SetAction((parsed, cancellation) => PrintAsync(parsed, parsed.GetValue(_address) ?? new(Fallback.Address.ToString(), Fallback.Port), cancellation));
    }

    /// <summary>Writes rows with their columns below each other.</summary>
    public static void Write(TextWriter text, string[][] rows)
    {
        foreach (var row in rows)
        {
            text.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(rows.Max(each => each[column].Length)))).TrimEnd());
        }

        text.WriteLine();
    }

    private async Task<int> PrintAsync(ParseResult parsed, DnsEndPoint address, CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            var page = new UriBuilder("http", address.Host, address.Port, $"debug/{name}").Uri;
            var text = await client.GetStringAsync(page, cancellation).ConfigureAwait(false);
            if ((select ?? ((_, all) => all))(parsed, JsonNode.Parse(text)!) is not { } selected)
            {
                return ExitCode.UnusableInput;
            }

            Console.Out.Write(parsed.GetRequiredValue(_output) switch
            {
                "json" when select is null => text,
                "json" => selected.ToJsonString(Indented) + "\n",
                "yaml" => YamlWriter.Write(selected),
                _ => table(selected),
            });
            return ExitCode.Ok;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"osm: no control plane answers at {address.Host}:{address.Port} ({failure.Message}); "
                + "is it running, and is this its --debug-address?").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }
}
