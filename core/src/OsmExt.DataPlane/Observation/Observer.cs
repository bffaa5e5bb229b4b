using System.Runtime.CompilerServices;
using Envoy.Config.Accesslog.V3;
using OsmExt.DataPlane.Observation.Logs;
using OsmExt.DataPlane.Observation.Statistics;

namespace OsmExt.DataPlane.Observation;

/// <summary>Is told of every request and connection that has ended: counts it, and writes it to the access logs it is for.</summary>
internal sealed class Observer(AccessLoggers loggers, StreamStatistics statistics) : IStreamSink
{
    // A configuration's messages are the same objects for as long as they do not change.
    private readonly ConditionalWeakTable<AccessLog, AccessLogger> _made = [];

    public void Ended(StreamRecord record)
    {
        statistics.Count(record);
        for (var index = 0; index < record.AccessLogs.Count; index++)
        {
            Logger(record.AccessLogs[index])(record);
        }
    }

    private AccessLogger Logger(AccessLog log) => _made.TryGetValue(log, out var made) ? made : _made.GetValue(log, Make);

    // What cannot be carried out was refused when it came.
    private AccessLogger Make(AccessLog log)
    {
        try
        {
            return loggers.Of(log);
        }
        catch (FormatException)
        {
            return _ => { };
        }
    }
}
