using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>How objects may be called and labelled.</summary>
internal static partial class MetadataRules
{
    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
    private const string Label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
    private const string Word = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    /// <exception cref="Refusal">A name or a label is none.</exception>
    public static void Check(ResourceKind kind, JsonObject value)
    {
        List<FieldError> errors = [.. Name(kind, value.Name()), .. Labels(value.Metadata().Object("labels"), "metadata.labels")];
        errors.AddRange((value.Metadata().Object("annotations") ?? []).Where(annotation => !IsKey(annotation.Key))
            .Select(annotation => FieldError.Invalid("metadata.annotations", annotation.Key, $"name part {Word}")));
        if (errors.Count > 0)
        {
            throw Refusal.Invalid(kind.Group, kind.Kind, value.Name(), errors);
        }
    }

    private static IEnumerable<FieldError> Name(ResourceKind kind, string name)
    {
        // Roles are called as their owners like, as long as it fits into an address.
        if (kind.Group == "rbac.authorization.k8s.io")
        {
            return name.AsSpan().ContainsAny('/', '%') || name is "." or ".." ? [FieldError.Invalid("metadata.name", name, "may not contain '/' or '%'")] : [];
        }

        return kind.GroupResource.ToString() is "namespaces" or "services"
            ? name.Length <= 63 && LabelForm().IsMatch(name) ? [] : [FieldError.Invalid("metadata.name", name, Label)]
            : name.Length <= 253 && SubdomainForm().IsMatch(name) ? [] : [FieldError.Invalid("metadata.name", name, Subdomain)];
    }

    private static IEnumerable<FieldError> Labels(JsonObject? labels, string field)
    {
        foreach (var (key, value) in labels ?? [])
        {
            if (!IsKey(key))
            {
                yield return FieldError.Invalid(field, key, $"name part {Word}");
            }

            if (value.AsText() is not { } text || (text.Length > 0 && !IsWord(text)))
            {
                yield return FieldError.Invalid(field, value, $"a valid label must be an empty string or {Word}, and at most 63 of them");
            }
        }
    }

    private static bool IsKey(string key) => key.Split('/') switch
    {
        [var name] => IsWord(name),
        [var prefix, var name] => prefix.Length <= 253 && SubdomainForm().IsMatch(prefix) && IsWord(name),
        _ => false,
    };

    private static bool IsWord(string text) => text.Length <= 63 && WordForm().IsMatch(text);

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SubdomainForm();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex LabelForm();

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex WordForm();
}
