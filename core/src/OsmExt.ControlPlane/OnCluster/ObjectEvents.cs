using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>Tells in Events what has happened to an object, for <c>kubectl describe</c>. Events are news: one that cannot be written is not written later.</summary>
internal sealed partial class ObjectEvents(LeaderCalls leader, ClusterOptions options, CompilerOptions mesh, TimeProvider time, ILogger<ObjectEvents> logger)
{
    private const string Controller = "openservicemesh.io/osm-controller";
    private const int LongestNote = 1024;
    private const int LongestName = 230;

    private readonly Pace _pace = new(options.EventsPerSecond, time);

    /// <summary>What is to be told of a change; pure.</summary>
    public static IEnumerable<(bool IsWarning, string Reason, string Note)> Of(ObjectStatus? before, ObjectStatus now)
    {
        foreach (var condition in now.Conditions)
        {
            var known = before?.Condition(condition.Type)?.Status;
            if (known == condition.Status)
            {
                continue;
            }

            var isGood = condition.Type is ConditionTypes.Conflicted or ConditionTypes.Degraded ? condition.Status is ConditionStatus.False : condition.Status is ConditionStatus.True;
            var note = condition.Message.Length > 0 ? condition.Message : $"{condition.Type} is {condition.Status} now";
            if (condition.Type == ConditionTypes.Programmed)
            {
                // Proxies come and go; only what they say no to is a warning.
                if (isGood || condition.Reason is "Refused" or "Held")
                {
                    yield return (!isGood, condition.Reason, note);
                }
            }
            else if (!isGood || known is not null)
            {
                yield return (!isGood, condition.Reason, note);
            }
        }
    }

    /// <param name="before">What was known; null when nothing was.</param>
    /// <param name="now">What is written.</param>
    /// <param name="written">The object, as the server answered.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task TellAsync(ObjectStatus? before, ObjectStatus now, JsonNode written, CancellationToken cancellationToken)
    {
        foreach (var (isWarning, reason, note) in Of(before, now))
        {
            if (!_pace.TryTake())
            {
                Log.LeftOut(logger, now.Object, reason);
                continue;
            }

            try
            {
                var ns = now.Object.Namespace.Length > 0 ? now.Object.Namespace : mesh.OsmNamespace;
                await leader.WriteAsync(new("create", "events", ApiResource.Events.In(ns)) { Body = Event(ns, now, isWarning, reason, note, written) }, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is HttpRequestException or ClusterCallException)
            {
                Log.NotWritten(logger, now.Object, failure.Message);
            }
        }
    }

    private JsonObject Event(string ns, ObjectStatus now, bool isWarning, string reason, string note, JsonNode written)
    {
        var at = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var name = now.Object.Name.Length <= LongestName ? now.Object.Name : now.Object.Name[..LongestName];
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{now.Object} {reason} {at} {options.Replica}")))[..16];
        return new()
        {
            ["apiVersion"] = ApiResource.Events.ApiVersion, ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = $"{name}.{id}", ["namespace"] = ns },
            ["eventTime"] = at,
            ["reportingController"] = Controller,
            ["reportingInstance"] = options.Replica,
            ["action"] = "Configure",
            ["type"] = isWarning ? "Warning" : "Normal",
            ["reason"] = reason,
            ["note"] = note.Length <= LongestNote ? note : $"{note[..(LongestNote - 3)]}...",
            ["regarding"] = new JsonObject
            {
                ["apiVersion"] = (string?)written["apiVersion"], ["kind"] = now.Object.Kind, ["namespace"] = now.Object.Namespace, ["name"] = now.Object.Name,
                ["uid"] = (string?)written["metadata"]?["uid"], ["resourceVersion"] = (string?)written["metadata"]?["resourceVersion"],
            },
        };
    }

    private static partial class Log
    {
        [LoggerMessage(5340, LogLevel.Debug, "Too many events; that {Object} is {Reason} is not told")]
        public static partial void LeftOut(ILogger logger, Sdk.Resources.ResourceKey @object, string reason);

        [LoggerMessage(5341, LogLevel.Information, "An event of {Object} could not be written: {Reason}")]
        public static partial void NotWritten(ILogger logger, Sdk.Resources.ResourceKey @object, string reason);
    }
}
