using System.Collections.Immutable;
using Envoy.Type.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Gives each service the UpstreamTrafficSetting that names it: by its full name, from its own namespace, one only.</summary>
internal static class UpstreamPolicies
{
    /// <param name="services">The services of a namespace.</param>
    /// <param name="settings">Its UpstreamTrafficSettings.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    /// <returns>The settings in force, by the full name of the service.</returns>
    public static IReadOnlyDictionary<string, UpstreamTrafficSetting> Of(
        MeshService[] services, ImmutableSortedDictionary<ResourceKey, Resource> settings, DiagnosticBag diagnostics)
    {
        var winners = new Dictionary<string, UpstreamTrafficSetting>(StringComparer.Ordinal);
        if (settings.IsEmpty)
        {
            return winners;
        }

        var byHost = services.ToLookup(service => service.Name.Fqdn, StringComparer.Ordinal);
        foreach (var setting in settings.Values.Cast<UpstreamTrafficSetting>().OldestFirst())
        {
            if (Fits(setting, byHost[setting.Host], diagnostics) && !winners.TryAdd(setting.Host, setting))
            {
                diagnostics.Error(DiagnosticCodes.Conflict, setting, "spec.host",
                    $"{winners[setting.Host].Key} is already about {setting.Host} and came first, so this one has no effect", "Keep one UpstreamTrafficSetting for each host");
            }
        }

        return winners;
    }

    private static bool Fits(UpstreamTrafficSetting setting, IEnumerable<MeshService> ports, DiagnosticBag diagnostics)
    {
        // It may be about a host outside the mesh: PluginReview says where nobody makes anything of that.
        if (!ServiceName.IsFqdn(setting.Host))
        {
            return false;
        }

        if (!setting.Host.EndsWith($".{setting.Metadata.Namespace}.svc.{ServiceName.DnsSuffix}", StringComparison.Ordinal))
        {
            diagnostics.Error(DiagnosticCodes.InvalidPolicy, setting, "spec.host",
                $"\"{setting.Host}\" is not the full name of a service in namespace {setting.Metadata.Namespace}, so the object has no effect",
                $"Write SERVICE.{setting.Metadata.Namespace}.svc.{ServiceName.DnsSuffix}");
            return false;
        }

        if (!ports.Any())
        {
            diagnostics.Warning(DiagnosticCodes.DanglingReference, setting, "spec.host",
                $"the mesh carries no service {setting.Host}", "Create the Service, or correct the host");
            return false;
        }

        if (setting.Settings.RateLimits is var limits && (limits.LocalHttp ?? (object?)limits.GlobalHttp) is not null && !ports.Any(port => port.Protocol.IsHttp()))
        {
            diagnostics.Warning(DiagnosticCodes.InvalidPolicy, setting, "spec.rateLimit",
                $"the service {setting.Host} has no HTTP port, so its limits on requests have no effect", "Limit its connections instead, under tcp");
        }

        return Usable(setting, diagnostics);
    }

    // Envoy would refuse a route configuration for either of these, and with it everything else at the port.
    private static bool Usable(UpstreamTrafficSetting setting, DiagnosticBag diagnostics)
    {
        var limits = setting.Settings.RateLimits;
        var statuses = limits.Routes.Select(route => route.Local?.StatusCode).Append(limits.LocalHttp?.StatusCode).Append(limits.GlobalHttp?.StatusCode);
        if (statuses.FirstOrDefault(status => status is { } code && !Enum.IsDefined((StatusCode)code)) is { } unknown)
        {
            diagnostics.Error(DiagnosticCodes.InvalidPolicy, setting, "spec.rateLimit",
                $"{unknown} is no status that Envoy sends, so the object has no effect", "Use a registered HTTP status such as 429 or 503");
            return false;
        }

        var patterns = limits.Routes.SelectMany(route => route.Descriptors).Concat(limits.GlobalHttp?.Descriptors ?? [])
            .SelectMany(descriptor => descriptor.Entries).OfType<HeaderMatchEntry>()
            .SelectMany(entry => entry.Headers).Where(header => header.Kind == HeaderConditionKind.Regex);
        foreach (var pattern in patterns)
        {
            if (Re2.Check(pattern.Value, BootstrapConfig.MaxRegexProgram) is { } problem)
            {
                diagnostics.Error(DiagnosticCodes.InvalidRegex, setting, "spec.rateLimit.global.http.descriptors",
                    $"\"{pattern.Value}\" is not an RE2 pattern ({problem.Message}, at character {problem.Position + 1}), so the object has no effect",
                    "Write the pattern in RE2 syntax; it must match the whole value");
                return false;
            }
        }

        return true;
    }
}
