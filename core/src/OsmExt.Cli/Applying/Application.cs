using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Cli.Clusters;
using OsmExt.Cli.Commands;

namespace OsmExt.Cli.Applying;

/// <summary>Applies manifests to a running mesh, waits until enough sidecars have them, and says who has them and who lags.</summary>
internal sealed class Application(RunningMesh mesh, IDestination destination, double share, TimeSpan within, TimeProvider time)
{
    /// <summary>What came of it.</summary>
    /// <param name="Done">What was done, as a sentence.</param>
    /// <param name="Receipt">Who has it.</param>
    internal sealed record Outcome(string Done, JsonObject Receipt)
    {
        /// <summary>What is wrong with what was applied.</summary>
        public IReadOnlyList<string> Errors { get; } = [.. Receipt["findings"]!.AsArray().Where(finding => $"{finding!["severity"]}" == "error").Select(ReceiptWait.Sentence)];

        public bool IsReached => (bool)Receipt["reached"]!;

        public int ExitCode => Errors.Count > 0 ? Cli.ExitCode.Failed : IsReached ? Cli.ExitCode.Ok : Cli.ExitCode.NotInTime;
    }

    public async Task<Outcome> RunAsync(string source, CancellationToken cancellation)
    {
        var manifests = GivenManifests.Load(source);
        var wait = new ReceiptWait(mesh, time);
        if (mesh.Session is null)
        {
            // A cluster's API server judges by itself.
            await wait.CheckAsync(manifests.Written, cancellation).ConfigureAwait(false);
        }

        var done = await destination.PutAsync(manifests, cancellation).ConfigureAwait(false);
        return new(done, await wait.RunAsync(stop => destination.ContentAsync(manifests, stop), destination.Gone, share, within, cancellation).ConfigureAwait(false));
    }

    /// <summary>A receipt as people read it.</summary>
    public static string Table(JsonObject receipt)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var (have, proxies) = ((int)receipt["have"]!, (int)receipt["proxies"]!);
        var part = proxies == 0 ? 100 : Math.Floor(1000.0 * have / proxies) / 10;
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{have} of {proxies} sidecars have it ({part:0.#} %) after {(double)receipt["seconds"]!:0.0} s."));
        if (receipt["lagging"]!.AsArray() is { Count: > 0 } lagging)
        {
            text.WriteLine();
            text.Write(OutputOption.Table(
            [
                ["LAGS", "REASON", "SINCE", "DETAIL"],
                .. lagging.Select(lag => new[] { $"{lag!["proxy"]}", $"{lag["reason"]}", Times.Seconds((string?)lag["since"]), $"{lag["detail"]}" }),
            ]));
        }

        return text.ToString();
    }

    /// <summary>What else there is to say, for standard error.</summary>
    public IEnumerable<string> Remarks(Outcome outcome)
    {
        foreach (var finding in outcome.Receipt["findings"]!.AsArray().Where(finding => $"{finding!["severity"]}" != "info"))
        {
            yield return ReceiptWait.Sentence(finding);
        }

        if (outcome.Receipt["missing"]!.AsArray() is { Count: > 0 } missing)
        {
            yield return $"the control plane has not read these as they are now: {string.Join(", ", missing.Select(key => $"{key}"))}; {destination.WhenNotRead}";
        }

        if (outcome.Errors.Count > 0)
        {
            yield return "applied, but what is named above is not in force";
        }
        else if (!outcome.IsReached)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"fewer than {share * 100:0.#} % of the sidecars have it after {within.TotalSeconds:0.#} s; it stays applied");
        }
    }
}
