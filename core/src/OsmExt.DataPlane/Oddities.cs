using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OsmExt.Simulation;

namespace OsmExt.DataPlane;

/// <summary>What could not be decided while traffic came: refused each time, said once.</summary>
internal sealed partial class Oddities(ILogger log)
{
    // What clients send must not fill the memory.
    private const int Most = 1000;
    private readonly ConcurrentDictionary<string, byte> _said = new(StringComparer.Ordinal);

    public void Say(UndecidedException unknown)
    {
        if (_said.Count < Most && _said.TryAdd(unknown.Message, 0))
        {
            Undecided(log, unknown.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Refused what cannot be decided: {Problem}. It is said once.")]
    private static partial void Undecided(ILogger log, string problem);
}
