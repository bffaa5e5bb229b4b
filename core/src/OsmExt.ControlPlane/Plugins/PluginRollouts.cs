using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Rollout;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>
/// Takes new versions of plugins from step to step, as the operator's policy says, and back to the version before when something goes wrong
/// that did not go wrong with that one. Used by one thread at a time.
/// </summary>
internal sealed partial class PluginRollouts(TimeProvider time, ILogger<PluginRollouts> logger)
{
    private volatile IReadOnlyList<Rollout> _all = [];

    /// <summary>By id: those that go on, and those that were taken back while the files are still the same.</summary>
    public IReadOnlyList<Rollout> All => _all;

    /// <summary>Whether a new version is on its way to all proxies.</summary>
    public bool IsRunning => _all.Any(rollout => !rollout.IsHalted);

    /// <summary>What the folders are taken to hold: the newest versions, whether in force or not.</summary>
    public PluginSet Newest(PluginSet inForce) => inForce.With(_all.Where(rollout => !rollout.IsHalted).ToDictionary(rollout => rollout.Load.Folder, rollout => rollout.Load, StringComparer.Ordinal));

    /// <summary>When the control plane starts: goes on with what was going on when it ended.</summary>
    /// <param name="loaded">The folders' plugins.</param>
    /// <param name="records">What was going on, by the plugin's id.</param>
    public PluginSet Resume(PluginSet loaded, IReadOnlyDictionary<string, (RolloutRecord Record, LoadedPlugin Before)> records)
    {
        var (before, running) = (new Dictionary<string, PluginLoad>(StringComparer.Ordinal), new List<Rollout>());
        foreach (var load in loaded.Loads.Where(load => load.Plugin is not null))
        {
            if (!records.TryGetValue(load.Plugin!.Id, out var known))
            {
                continue;
            }

            before[load.Folder] = load with { Plugin = known.Before };
            if (loaded.Policy.Plugins.GetValueOrDefault(load.Plugin.Id)?.Rollout is { } plan && $"{plan}" == known.Record.Plan && load.Plugin.Digest == known.Record.Digest)
            {
                // Nobody knows how long it went well, so the time of the step begins anew.
                var rollout = new Rollout(load, known.Before, plan, time.GetUtcNow()) { Step = Math.Clamp(known.Record.Step, 0, plan.Steps.Count - 1) };
                running.Add(known.Record.Fault is { } fault ? rollout.Halted(fault, time.GetUtcNow()) : rollout);
            }
        }

        _all = running;
        var inForce = Begin(loaded, loaded.With(before));
        foreach (var (_, unused) in records.Values.Where(known => !inForce.Plugins.Contains(known.Before, ReferenceEqualityComparer.Instance)))
        {
            unused.Dispose();
        }

        return inForce;
    }

    /// <summary>After folders were loaded: what is in force now. New versions that have a plan are so for their first step only.</summary>
    /// <param name="next">The folders' plugins, as they passed their trial.</param>
    /// <param name="before">What was in force.</param>
    public PluginSet Begin(PluginSet next, PluginSet before)
    {
        var (kept, rollouts, known) = (new Dictionary<string, PluginLoad>(StringComparer.Ordinal), new List<Rollout>(), before.Loads.ToDictionary(load => load.Folder, StringComparer.Ordinal));
        foreach (var load in next.Loads)
        {
            if (known.GetValueOrDefault(load.Folder)?.Plugin is not { } old || !IsAllowed(next, old))
            {
                continue;
            }

            old.MayIssue = next.Policy.CertificatesOf(old.Id);
            var running = _all.FirstOrDefault(rollout => string.Equals(rollout.Load.Folder, load.Folder, StringComparison.Ordinal));
            if (load.Plugin is not { } plugin)
            {
                // What has just been refused was on its way only; the version before may run.
                kept[load.Folder] = PluginSet.Kept(load, old);
            }
            else if (ReferenceEquals(plugin, old) || !string.Equals(plugin.Id, old.Id, StringComparison.Ordinal))
            {
                continue;
            }
            else if (string.Equals(plugin.Digest, old.Digest, StringComparison.Ordinal))
            {
                kept[load.Folder] = load with { Plugin = old };
                plugin.Dispose();
            }
            else if (next.Policy.Plugins.GetValueOrDefault(plugin.Id)?.Rollout is not { } plan)
            {
                continue;
            }
            else if (running is { IsHalted: true } && string.Equals(running.Digest, plugin.Digest, StringComparison.Ordinal) && running.Plan == plan)
            {
                kept[load.Folder] = running.InsteadOf(load, old);
                rollouts.Add(running with { Before = old });
                plugin.Dispose();
            }
            else
            {
                kept[load.Folder] = load with { Plugin = old };
                rollouts.Add(running is { IsHalted: false } && ReferenceEquals(running.Load.Plugin, plugin) && running.Plan == plan ? running with { Load = load } : Started(load, old, plan));
            }
        }

        _all = rollouts;
        return Staged(next.With(kept));
    }

    /// <summary>Looks at how the new versions do. Gives what is to be in force instead; null when nothing changes.</summary>
    /// <param name="inForce">What is in force.</param>
    /// <param name="scopes">The scopes there are.</param>
    /// <param name="contributions">What is contributed now.</param>
    /// <param name="isSettled">Whether nothing that proxies refuse is being looked into; until then no step is taken.</param>
    public PluginSet? Turn(PluginSet inForce, IEnumerable<LiveScope> scopes, IMeshContributions contributions, bool isSettled)
    {
        if (!IsRunning || contributions is not StagedContributions staged)
        {
            return null;
        }

        LiveScope[] connected = [.. scopes.Where(live => live.Streams > 0)];
        Rollout[] next = [.. _all.Select(rollout => rollout.IsHalted ? rollout : RolloutFaults.Of(rollout, connected, staged) is { } fault ? Halted(rollout, fault) : isSettled ? Advanced(rollout) : rollout)];
        if (next.SequenceEqual(_all))
        {
            return null;
        }

        var instead = next.Where(rollout => !_all.Contains(rollout)).ToDictionary(rollout => rollout.Load.Folder, rollout => rollout switch
        {
            { IsHalted: true } => rollout.InsteadOf(rollout.Load, rollout.Before),
            { IsDone: true } => rollout.Load,
            _ => rollout.Load with { Plugin = rollout.Before },
        }, StringComparer.Ordinal);
        _all = [.. next.Where(rollout => !rollout.IsDone)];
        return Staged(inForce.With(instead));
    }

    private PluginSet Staged(PluginSet set)
        => set.With([.. _all.Where(rollout => !rollout.IsHalted).Select(rollout => new StagedPlugin(rollout.Load.Plugin!, [.. rollout.Plan.Steps.Take(rollout.Step + 1)]))]);

    private Rollout Started(PluginLoad load, LoadedPlugin old, RolloutPlan plan)
    {
        Log.Started(logger, load.Plugin!.Id, load.Plugin.Manifest.Version, plan.Steps[0]);
        return new(load, old, plan, time.GetUtcNow());
    }

    private Rollout Advanced(Rollout rollout)
    {
        if (time.GetUtcNow() - rollout.Since < rollout.Plan.BakeTime)
        {
            return rollout;
        }

        var next = rollout with { Step = rollout.Step + 1, Since = time.GetUtcNow() };
        Log.Advanced(logger, next.Id, next.Version, next.IsDone ? "all proxies" : $"{next.Plan.Steps[next.Step]}");
        return next;
    }

    private Rollout Halted(Rollout rollout, string fault)
    {
        Log.Halted(logger, rollout.Id, rollout.Version, fault);
        return rollout.Halted(fault, time.GetUtcNow());
    }

    private static bool IsAllowed(PluginSet next, LoadedPlugin plugin) => next.Policy.Refuses(plugin.Manifest, plugin.Digest, plugin.Signature) is null;

    private static partial class Log
    {
        [LoggerMessage(5043, LogLevel.Information, "Plugin {Plugin}: version {Version} is in force for {Step}; the version before for all others")]
        public static partial void Started(ILogger logger, string plugin, Version version, RolloutStep step);

        [LoggerMessage(5044, LogLevel.Information, "Plugin {Plugin}: version {Version} is in force for {Whom}")]
        public static partial void Advanced(ILogger logger, string plugin, Version version, string whom);

        [LoggerMessage(5045, LogLevel.Error, "Plugin {Plugin}: version {Version} is taken back: {Fault}")]
        public static partial void Halted(ILogger logger, string plugin, Version version, string fault);
    }
}
