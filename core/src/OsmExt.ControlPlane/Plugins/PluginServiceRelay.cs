using Microsoft.Extensions.Logging;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.PluginHost.Services;
using OsmExt.Sdk.Plugins;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>
/// Brings what plugins' services publish into the policy, at most once a second for each plugin however often it publishes, and what they
/// say into the log. It is called on their threads.
/// </summary>
internal sealed partial class PluginServiceRelay
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly MeshPipeline _pipeline;
    private readonly TimeProvider _time;
    private readonly ILogger<PluginServiceRelay> _logger;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);

    public PluginServiceRelay(MeshPipeline pipeline, TimeProvider time, ILogger<PluginServiceRelay> logger)
    {
        (_pipeline, _time, _logger) = (pipeline, time, logger);
        Events = new(Published, Logged);
    }

    public ServiceEvents Events { get; }

    private void Published(string plugin)
    {
        TimeSpan wait;
        lock (_gate)
        {
            if (!_waiting.Add(plugin))
            {
                return;
            }

            wait = _last.TryGetValue(plugin, out var last) ? Pause - _time.GetElapsedTime(last) : TimeSpan.Zero;
        }

        using (ExecutionContext.SuppressFlow())
        {
            _ = TakeInAsync(plugin, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        }
    }

    private async Task TakeInAsync(string plugin, TimeSpan wait)
    {
        await Task.Delay(wait, _time).ConfigureAwait(false);
        lock (_gate)
        {
            _waiting.Remove(plugin);
            _last[plugin] = _time.GetTimestamp();
        }

        _pipeline.ContributionsChanged();
    }

    private void Logged(string plugin, string service, ServiceLogLevel level, string message) => Log.Line(_logger, level switch
    {
        ServiceLogLevel.Debug => LogLevel.Debug,
        ServiceLogLevel.Warning => LogLevel.Warning,
        ServiceLogLevel.Error => LogLevel.Error,
        _ => LogLevel.Information,
    }, plugin, service, message);

    private static partial class Log
    {
        [LoggerMessage(EventId = 5046, Message = "Plugin {Plugin}, service {Service}: {Text}")]
        public static partial void Line(ILogger logger, LogLevel level, string plugin, string service, string text);
    }
}
