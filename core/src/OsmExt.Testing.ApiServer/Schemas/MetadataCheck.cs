using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>Whether names, labels and annotations are written as Kubernetes wants them.</summary>
internal static partial class MetadataCheck
{
    private const int MaxAnnotations = 256 * 1024;
    private const string LabelText = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string SubdomainText = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string ServiceText = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    private const string KeyText = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string ValueText = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    public static IEnumerable<FieldError> Of(ResourceKind kind, JsonObject value)
    {
        var metadata = value.Metadata();
        if (metadata.Text("name") is { Length: > 0 } name && NameProblem(kind, name) is { } problem)
        {
            yield return FieldError.Invalid("metadata.name", name, problem);
        }

        foreach (var (key, label) in metadata.Object("labels") ?? [])
        {
            if (!IsKey(key))
            {
                yield return FieldError.Invalid("metadata.labels", key, KeyText);
            }

            var text = label.AsText() ?? "";
            if (text.Length > 63)
            {
                yield return FieldError.Invalid("metadata.labels", text, "must be no more than 63 bytes");
            }
            else if (text.Length > 0 && !Value().IsMatch(text))
            {
                yield return FieldError.Invalid("metadata.labels", text, ValueText);
            }
        }

        var annotations = metadata.Object("annotations") ?? [];
        foreach (var (key, _) in annotations.Where(annotation => !IsKey(annotation.Key)))
        {
            yield return FieldError.Invalid("metadata.annotations", key, KeyText);
        }

        if (annotations.Sum(annotation => annotation.Key.Length + (annotation.Value.AsText()?.Length ?? 0)) > MaxAnnotations)
        {
            yield return FieldError.TooLong("metadata.annotations", MaxAnnotations);
        }
    }

    private static string? NameProblem(ResourceKind kind, string name) => kind.GroupResource.ToString() switch
    {
        "namespaces" => name.Length > 63 ? "must be no more than 63 bytes" : Label().IsMatch(name) ? null : LabelText,
        "services" => name.Length > 63 ? "must be no more than 63 bytes" : Service().IsMatch(name) ? null : ServiceText,
        _ when kind.Group == "rbac.authorization.k8s.io" => name is "." or ".." ? $"may not be '{name}'" : name.Contains('/', StringComparison.Ordinal) ? "may not contain '/'" : name.Contains('%', StringComparison.Ordinal) ? "may not contain '%'" : null,
        // They are called after users and networks, which Kubernetes does not name.
        _ when kind.Plural is "events" or "certificatesigningrequests" or "apiservices" => null,
        _ => name.Length > 253 ? "must be no more than 253 bytes" : Subdomain().IsMatch(name) ? null : SubdomainText,
    };

    private static bool IsKey(string key) => key.Split('/') switch
    {
        [var name] => name.Length <= 63 && Key().IsMatch(name),
        [var prefix, var name] => prefix.Length is > 0 and <= 253 && Subdomain().IsMatch(prefix.ToLowerInvariant()) && name.Length <= 63 && Key().IsMatch(name),
        _ => false,
    };

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Service();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex Value();
}
