using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.TestPlugin;

/// <summary>A service that does whatever the plugin's objects say, good or bad.</summary>
public sealed class BehaviourService : IPluginService
{
    /// <inheritdoc/>
    public async Task RunAsync(IServiceContext context, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(context);
        var known = await context.NextObjectsAsync(new(0, []), stopping);
        while (true)
        {
            foreach (var what in known.Resources.Select(resource => resource.Spec.Root.GetProperty("what").GetString() ?? ""))
            {
                if (what == "end")
                {
                    return;
                }

                await DoAsync(what, context, stopping);
            }

            known = await context.NextObjectsAsync(known, stopping);
        }
    }

    private static async Task DoAsync(string what, IServiceContext context, CancellationToken stopping)
    {
        switch (what.Split(' '))
        {
            case ["publish", var value]:
                context.Publish("code", ConfigValue.From($"-- {value}"));
                context.Report(ServiceHealth.Healthy, $"It knows {value}");
                break;
            case ["throw-in-service"]:
                throw new BadMoodException("the service is in a bad mood");
            case ["hang-at-stop"]:
                context.Report(ServiceHealth.Healthy, "It goes on for ever");
                await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, CancellationToken.None);
                break;
            case ["publish-nothing"]:
                context.Publish("code", null!);
                break;
            case ["publish-garbage"]:
                context.Publish("code", ConfigValue.From(new { number = 1 }));
                context.Report((ServiceHealth)77, null!);
                break;
            case ["publish-much"]:
                context.Publish("much", ConfigValue.From(new string('x', 2_000_000)));
                break;
            case ["publish-endlessly"]:
                context.Report(ServiceHealth.Degraded, "It cannot stop publishing");
                for (var number = 0L; !stopping.IsCancellationRequested; number++)
                {
                    context.Publish("code", ConfigValue.From($"-- {number}"));
                    context.Log(ServiceLogLevel.Warning, $"Line {number}\nand another");
                }

                break;
            default:
                context.Withdraw("code");
                context.Report(ServiceHealth.Degraded, "It has nothing to do");
                break;
        }
    }
}

/// <summary>A service that can never be started.</summary>
public sealed class BrokenService : IPluginService
{
    /// <summary>Fails.</summary>
    public BrokenService() => throw new BadMoodException("it cannot even be made");

    /// <inheritdoc/>
    public Task RunAsync(IServiceContext context, CancellationToken stopping) => Task.CompletedTask;
}
