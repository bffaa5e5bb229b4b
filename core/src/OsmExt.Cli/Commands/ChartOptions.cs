using System.CommandLine;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Commands;

/// <summary>Options of the commands that put the chart into a cluster.</summary>
internal sealed class ChartOptions
{
    private readonly Option<string?> _chart = new("--osm-chart-path") { Description = "A chart's folder or archive. Default: the chart in this program.", HelpName = "PATH" };
    private readonly Option<string[]> _set = new("--set") { Description = "A value of the chart, NAME=VALUE with commas between several. May be given several times. Default: the chart's values.", HelpName = "NAME=VALUE" };
    private readonly Option<string[]> _setFile = new("--set-file") { Description = "A value of the chart that is a file's content. May be given several times. Default: none.", HelpName = "NAME=FILE" };
    private readonly Option<string[]> _values = new("--values", "-f") { Description = "File of values of the chart. May be given several times. Default: none.", HelpName = "FILE" };
    private readonly Option<TimeSpan> _timeout = new("--timeout")
    {
        Description = "How long to wait until the control plane is ready; 0 does not wait.", DefaultValueFactory = _ => TimeSpan.FromMinutes(5), HelpName = "H:MM:SS", CustomParser = Durations.Parse,
    };
    private readonly Option<bool> _atomic = new("--atomic") { Description = "Take everything back when it fails. Default: leave it to be looked at." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the objects that would be made, and what stands in the way, and change nothing. Default: do it." };
    private readonly Option<string?> _helm = new("--helm") { Description = "The program helm, version 3 or 4. Default: helm on PATH.", HelpName = "FILE" };
    private readonly Option<bool> _verbose = new("--verbose") { Description = "Say what helm is told and what it says. Default: say what becomes of the pods." };

    /// <summary>Whether only to say what would be done.</summary>
    public bool IsDryRun(ParseResult parsed) => parsed.GetValue(_dryRun);

    /// <summary>How long to wait.</summary>
    public TimeSpan Timeout(ParseResult parsed) => parsed.GetRequiredValue(_timeout);

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        _set.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !token.Value.Contains('=', StringComparison.Ordinal)))
            {
                result.AddError($"invalid format for --set: \"{token.Value}\"; write NAME=VALUE");
            }
        });
        foreach (var option in new Option[] { _chart, _set, _setFile, _values, _timeout, _atomic, _dryRun, _helm, _verbose })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Finds helm.</summary>
    public async Task<Helm> HelmAsync(ParseResult parsed, ClusterArguments cluster, CancellationToken cancellation)
        => await Helm.FindAsync(parsed.GetValue(_helm), cluster.Wanted(parsed), cancellation).ConfigureAwait(false) with { IsVerbose = parsed.GetValue(_verbose) };

    /// <summary>Opens the chart.</summary>
    public HelmChart Chart(ParseResult parsed) => HelmChart.Open(parsed.GetValue(_chart));

    /// <summary>What helm is told of values.</summary>
    public IEnumerable<string> Values(ParseResult parsed)
    {
        foreach (var (option, name) in new[] { (_values, "--values"), (_set, "--set"), (_setFile, "--set-file") })
        {
            foreach (var value in parsed.GetValue(option) ?? [])
            {
                yield return name;
                yield return value;
            }
        }
    }

    /// <summary>What helm is told of waiting.</summary>
    public IEnumerable<string> Waiting(ParseResult parsed, Helm helm)
    {
        if (Timeout(parsed) > TimeSpan.Zero)
        {
            yield return "--wait";
            yield return "--timeout";
            yield return FormattableString.Invariant($"{(long)Timeout(parsed).TotalSeconds}s");
        }

        if (parsed.GetValue(_atomic))
        {
            yield return helm.AtomicOption;
        }
    }
}
