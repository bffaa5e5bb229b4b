using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Services;

/// <summary>What one start of a service is given. Closed when that start is over: whoever keeps it can do nothing with it any more.</summary>
internal sealed class ServiceContext(ServiceRun run, ObjectFeed feed, TimeProvider time, CancellationToken stopping) : IServiceContext
{
    private volatile bool _isClosed;

    // A version that is being replaced does not spoil what the next one publishes.
    private bool IsOver => _isClosed || stopping.IsCancellationRequested;

    public TimeProvider Time => time;

    public ServiceObjects Objects => feed.Now;

    public async Task<ServiceObjects> NextObjectsAsync(ServiceObjects known, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(known);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping);
        return await feed.NextAsync(known, either.Token).ConfigureAwait(false);
    }

    public void Publish(string name, ConfigValue value)
    {
        if (!IsOver)
        {
            run.Publish(name, value);
        }
    }

    public void Withdraw(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsOver)
        {
            run.Withdraw(name);
        }
    }

    public void Report(ServiceHealth health, string sentence)
    {
        if (!IsOver)
        {
            run.Reported(Enum.IsDefined(health) ? health : ServiceHealth.Unhealthy, sentence);
        }
    }

    public void Log(ServiceLogLevel level, string message)
    {
        if (!IsOver)
        {
            run.Log(level, message);
        }
    }

    public void Close() => _isClosed = true;
}
