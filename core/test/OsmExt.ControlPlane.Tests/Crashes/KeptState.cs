using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.ControlPlane.Plugins;
using OsmExt.ControlPlane.Reporting;
using OsmExt.ControlPlane.Serving;
using OsmExt.Identity;
using OsmExt.Identity.Roots;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Rollout;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Tests.Crashes;

/// <summary>Everything a control plane keeps on disk, in two states, written and read by the code that does so in earnest.</summary>
internal sealed class KeptState(string directory)
{
    private const string Secret = "shop/gateway";
    private static readonly RootState Before = RootState.Initial("cluster.local");
    private static readonly RootState After = Before with { Trusted = ["next", .. Before.Trusted] };

    public string Plugins => Path.Combine(directory, "folder");

    public void WriteBefore()
    {
        WriteStatuses(["a", "gone"], [], 1);
        Roots.Write(Before);
        WriteSecret(1);
        WriteRollout(1);
    }

    public void WriteAfter()
    {
        WriteStatuses(["a", "new"], ["gone"], 2);
        Roots.Write(After);
        WriteSecret(2);
        WriteRollout(2);
        using var root = Authority.LoadOrCreate();
    }

    /// <summary>Reads all of it, and says which state each part is in: 1, 2, or 0 where it is not there. Anything else is a failure.</summary>
    public async Task<string> ReadAsync()
    {
        var statuses = await Statuses.ReadAsync(default);
        var secrets = Fields.Select(field => (field, path: Path.Combine(directory, "secrets", Secret, field)))
            .Select(field => !File.Exists(field.path) ? '0' : File.ReadAllText(field.path) is var text && text == $"{field.field} 1" ? '1' : text == $"{field.field} 2" ? '2' : '?');
        var rollout = Assert.Single(Rollouts.Load(Policy)).Value;
        var step = rollout.Before.Digest == rollout.Record.Before ? rollout.Record.Step : -1;
        rollout.Before.Dispose();
        return $"statuses {string.Join(' ', statuses.OrderBy(status => status.Object.Name, StringComparer.Ordinal).Select(status => $"{status.Object.Name}{status.ObservedGeneration}"))}, "
            + $"roots {(Roots.Read("cluster.local") is var state && state == Before ? 1 : state == After ? 2 : '?')}, secret {string.Concat(secrets)}, rollout {step}";
    }

    /// <summary>The root is there as a whole, or is made; nothing is left of an attempt.</summary>
    public string ReadAuthority()
    {
        using var root = Authority.LoadOrCreate();
        using var again = Authority.LoadOrCreate();
        Assert.Equal(root.KeyId, again.KeyId);
        return string.Join(' ', Directory.EnumerateFileSystemEntries(Path.Combine(directory, "authority")).Select(Path.GetFileName));
    }

    private static StatusCondition Accepted { get; } = new(ConditionTypes.Accepted, ConditionStatus.True, "Accepted", "") { LastTransition = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero) };

    private static string[] Fields => [SecretFiles.Key, SecretFiles.Certificate, "ca.crt"];

    private static PluginPolicy Policy => PluginPolicy.Default;

    private StatusDirectory Statuses => new(Path.Combine(directory, "status"), NullLogger<StatusDirectory>.Instance);

    private RootStateFile Roots => new(Path.Combine(directory, "roots", "state.json"));

    private RolloutRecords Rollouts => new(Path.Combine(directory, "rollouts"), TimeProvider.System);

    private CaDirectory Authority => new(Path.Combine(directory, "authority"), TimeProvider.System, NullLogger<CaDirectory>.Instance);

    private void WriteStatuses(string[] names, string[] gone, long generation) => Statuses.WriteAsync(
        [.. names.Select(name => new ObjectStatus(new("TrafficTarget", "shop", name), generation, [Accepted]))], [.. gone.Select(name => new ResourceKey("TrafficTarget", "shop", name))], default)
        .GetAwaiter().GetResult();

    private void WriteSecret(int version) => new SecretFiles(Path.Combine(directory, "secrets")).Write(
        new("shop", "gateway"), [.. Fields.Select(field => (field, (object)$"{field} {version}"))]);

    // The second is of a new version over the first's, so that another version comes before.
    private void WriteRollout(int step)
    {
        var loader = new PluginLoader(Policy, TimeProvider.System);
        PluginLoad[] versions = [.. Enumerable.Range(step, 2).Select(version => loader.Load(Path.Combine(Plugins, $"v{version}", "alpha")))];
        Assert.All(versions, version => Assert.NotNull(version.Plugin));
        Rollouts.Save([new Rollout(versions[1], versions[0].Plugin!, new RolloutPlan([], TimeSpan.FromMinutes(1)), TimeProvider.System.GetUtcNow()) { Step = step }]);
        Array.ForEach(versions, version => version.Plugin!.Dispose());
    }
}
