using k8s;
using k8s.Autorest;
using k8s.Models;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.Node.Pods;

/// <summary>The variables of a container, references looked up.</summary>
internal static class ContainerEnvironment
{
    private static readonly string[] Kept = ["PATH", "DOTNET_ROOT"];

    public static async Task<Dictionary<string, string>> ReadAsync(
        V1Pod pod, V1Container container, IKubernetes api, Func<string, string> field, IEnumerable<KeyValuePair<string, string>> given, CancellationToken cancellation)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["HOSTNAME"] = pod.Spec.Hostname ?? pod.Metadata.Name, ["HOME"] = "/" };
        foreach (var name in Kept)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                variables[name] = value;
            }
        }

        foreach (var (name, value) in given)
        {
            variables[name] = value;
        }

        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (name, value) in await ReadAsync(api, pod.Metadata.NamespaceProperty, source, cancellation))
            {
                variables[$"{source.Prefix}{name}"] = value;
            }
        }

        foreach (var entry in container.Env ?? [])
        {
            variables[entry.Name] = entry.ValueFrom is { } from
                ? await ReadAsync(api, pod.Metadata.NamespaceProperty, container, from, field, cancellation)
                : ContainerProgram.Expand(entry.Value ?? "", variables.GetValueOrDefault);
        }

        return variables;
    }

    private static async Task<IEnumerable<KeyValuePair<string, string>>> ReadAsync(IKubernetes api, string ns, V1EnvFromSource source, CancellationToken cancellation)
    {
        if (source.ConfigMapRef is { } map)
        {
            return (await api.CoreV1.ReadNamespacedConfigMapAsync(map.Name, ns, cancellationToken: cancellation)).Data ?? new Dictionary<string, string>();
        }

        var secret = await api.CoreV1.ReadNamespacedSecretAsync(source.SecretRef.Name, ns, cancellationToken: cancellation);
        return (secret.Data ?? new Dictionary<string, byte[]>()).Select(entry => KeyValuePair.Create(entry.Key, System.Text.Encoding.UTF8.GetString(entry.Value)));
    }

    private static async Task<string> ReadAsync(
        IKubernetes api, string ns, V1Container container, V1EnvVarSource source, Func<string, string> field, CancellationToken cancellation)
    {
        try
        {
            switch (source)
            {
                case { FieldRef: { } reference }:
                    return field(reference.FieldPath);
                case { ResourceFieldRef: { } reference }:
                    var (kind, name) = (reference.Resource.Split('.')[0], reference.Resource.Split('.')[^1]);
                    var amounts = kind == "limits" ? container.Resources?.Limits : container.Resources?.Requests;
                    return amounts is not null && amounts.TryGetValue(name, out var amount)
                        ? Math.Ceiling(amount.ToDecimal() / (reference.Divisor?.ToDecimal() is { } divisor and > 0 ? divisor : 1)).ToString("0", System.Globalization.CultureInfo.InvariantCulture) : "0";
                case { ConfigMapKeyRef: { } reference }:
                    var map = await api.CoreV1.ReadNamespacedConfigMapAsync(reference.Name, ns, cancellationToken: cancellation);
                    return map.Data[reference.Key];
                case { SecretKeyRef: { } reference }:
                    var secret = await api.CoreV1.ReadNamespacedSecretAsync(reference.Name, ns, cancellationToken: cancellation);
                    return System.Text.Encoding.UTF8.GetString(secret.Data[reference.Key]);
                default:
                    throw new InvalidOperationException("a variable comes from what this node does not know");
            }
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return (source.ConfigMapKeyRef?.Optional ?? source.SecretKeyRef?.Optional) == true ? "" : throw new InvalidOperationException("a variable's source is not there", e);
        }
    }
}
